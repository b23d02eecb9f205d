(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* softmax is 1/2-Lipschitz in the max norm: |p_i(y)-p_i(x)| <= 1/2 max_j |y_j-x_j|, every n. *)
Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums Softmax.
Open Scope R_scope.

Lemma is_derive_sumn n (f g : nat -> R -> R) t :
  (forall j, (j < n)%nat -> is_derive (f j) t (g j t)) ->
  is_derive (fun s => sumn n (fun j => f j s)) t (sumn n (fun j => g j t)).
Proof.
  induction n as [|n IH]; intros H; cbn [sumn].
  - apply (is_derive_const (V := R_NormedModule) 0 t).
  - apply (is_derive_plus (V := R_NormedModule)
             (fun s => sumn n (fun j => f j s)) (f n)); [apply IH; intros; apply H; lia | apply H; lia].
Qed.

Definition line (x d : nat -> R) (t : R) (j : nat) : R := x j + t * d j.

(* derivative of softmax_i along a line: the Jacobian row p_i (delta_ij - p_j) applied to d *)
Lemma softmax_line_derive n x d i t : (i < n)%nat ->
  is_derive (fun s => softmax n (line x d s) i) t
    (softmax n (line x d t) i * (d i - sumn n (fun j => softmax n (line x d t) j * d j))).
Proof.
  intros Hi. unfold softmax at 1.
  assert (HS : forall s, 0 < sumn n (fun j => exp (line x d s j))) by (intros; apply sumexp_pos; lia).
  assert (HE : forall j, is_derive (fun s => exp (line x d s j)) t (d j * exp (line x d t j))).
  { intros j. unfold line. auto_derive; [exact I|]. ring. }
  assert (HD := is_derive_div _ _ t _ _ (HE i)
                  (is_derive_sumn n _ (fun j s => d j * exp (line x d s j)) t (fun j _ => HE j))
                  (Rgt_not_eq _ _ (HS t))).
  cbv beta in HD.
  set (S := sumn n (fun j => exp (line x d t j))) in *.
  set (D := sumn n (fun j => d j * exp (line x d t j))) in *.
  replace (sumn n (fun j => softmax n (line x d t) j * d j)) with (D / S).
  2:{ unfold D, Rdiv. rewrite Rmult_comm, <- sumn_scal. apply sumn_ext. intros j _.
      unfold softmax. fold S. unfold Rdiv. ring. }
  unfold softmax. fold S.
  eapply is_derive_ext_loc; [|].
  2:{ match goal with |- is_derive ?f t ?l =>
        replace l with (((d i * exp (line x d t i)) * S - exp (line x d t i) * D) / S ^ 2) end.
      - exact HD.
      - specialize (HS t). fold S in HS. field. lra. }
  apply filter_forall. intros s. reflexivity.
Qed.

(* |d_i - sum p_j d_j| <= 2 (1-p_i) D when |d_j| <= D *)
Lemma jac_row n p d i D : (i < n)%nat ->
  (forall j, (j < n)%nat -> 0 <= p j) -> sumn n p = 1 ->
  (forall j, (j < n)%nat -> Rabs (d j) <= D) ->
  Rabs (d i - sumn n (fun j => p j * d j)) <= 2 * (1 - p i) * D.
Proof.
  intros Hi Hp H1 Hd.
  replace (d i - sumn n (fun j => p j * d j)) with (sumn n (fun j => p j * (d i - d j))).
  2:{ rewrite (sumn_ext n _ (fun j => d i * p j + (-1) * (p j * d j))) by (intros; ring).
      rewrite sumn_plus, !sumn_scal, H1. ring. }
  eapply Rle_trans; [apply sumn_abs|].
  rewrite (sumn_split n i) by auto. replace (d i - d i) with 0 by ring.
  rewrite Rmult_0_r, Rabs_R0, Rplus_0_l.
  apply Rle_trans with (others n i (fun j => (2 * D) * p j)).
  - unfold others. apply sumn_le. intros j Hj. destruct (Nat.eq_dec j i); [lra|].
    rewrite Rabs_mult, (Rabs_pos_eq (p j)) by auto. rewrite (Rmult_comm (2 * D)).
    apply Rmult_le_compat_l; auto.
    assert (A := Hd i Hi). assert (B := Hd j Hj).
    unfold Rminus. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra.
  - assert (E := sumn_split n i (fun j => (2 * D) * p j) Hi). rewrite sumn_scal, H1 in E. lra.
Qed.

Theorem softmax_lipschitz n x y i D : (i < n)%nat ->
  (forall j, (j < n)%nat -> Rabs (y j - x j) <= D) ->
  Rabs (softmax n y i - softmax n x i) <= / 2 * D.
Proof.
  intros Hi HD. set (d := fun j => y j - x j).
  assert (D0 : 0 <= D) by (eapply Rle_trans; [apply Rabs_pos | apply (HD i Hi)]).
  set (phi := fun t => softmax n (line x d t) i).
  set (dphi := fun t => softmax n (line x d t) i *
                        (d i - sumn n (fun j => softmax n (line x d t) j * d j))).
  destruct (MVT_gen phi 0 1 dphi) as [c [Hc E]].
  - intros t _. apply softmax_line_derive; auto.
  - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous phi t).
    exists (dphi t). apply softmax_line_derive; auto.
  - replace (softmax n y i) with (phi 1).
    2:{ unfold phi, softmax, line, d. f_equal; [f_equal; ring|].
        apply sumn_ext; intros; f_equal; ring. }
    replace (softmax n x i) with (phi 0).
    2:{ unfold phi, softmax, line, d. f_equal; [f_equal; ring|].
        apply sumn_ext; intros; f_equal; ring. }
    rewrite E, Rminus_0_r, Rmult_1_r. unfold dphi. rewrite Rabs_mult.
    set (p := softmax n (line x d c)).
    assert (P : forall j, (j < n)%nat -> 0 <= p j) by (intros; left; apply softmax_pos; auto).
    assert (S1 : sumn n p = 1) by (apply softmax_sum1; lia).
    assert (J := jac_row n p d i D Hi P S1 HD).
    assert (Q : p i <= 1).
    { rewrite <- S1, (sumn_split n i p Hi).
      assert (0 <= others n i p); [|lra].
      apply sumn_nonneg. intros j Hj. destruct (Nat.eq_dec j i); [lra|auto]. }
    assert (Pi := P i Hi). rewrite (Rabs_pos_eq (p i)) by auto.
    apply Rle_trans with (p i * (2 * (1 - p i) * D)).
    + apply Rmult_le_compat_l; auto.
    + assert (0 <= (2 * p i - 1) * (2 * p i - 1)) by apply Rle_0_sqr. nra.
Qed.
