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

(* ---- from the max norm to the l1 norm: the mean deviation of D under p ---- *)

Lemma variance n p y : sumn n p = 1 ->
  let t := sumn n (fun j => p j * y j) in
  sumn n (fun j => p j * ((y j - t) * (y j - t))) = sumn n (fun j => p j * (y j * y j)) - t * t.
Proof.
  intros H1 t.
  rewrite (sumn_ext n _
    (fun j => (p j * (y j * y j) + (-2 * t) * (p j * y j)) + (t * t) * p j)) by (intros; ring).
  rewrite sumn_plus, sumn_plus, !sumn_scal, H1. fold t. ring.
Qed.

Theorem deviation n p D e :
  (forall j, (j < n)%nat -> 0 <= p j) -> sumn n p = 1 ->
  (forall j, (j < n)%nat -> Rabs (D j) <= e) ->
  sumn n (fun j => p j * Rabs (D j - sumn n (fun k => p k * D k))) <= e.
Proof.
  intros Hp H1 HD. set (mu := sumn n (fun k => p k * D k)).
  set (y := fun j => Rabs (D j - mu)).
  set (t := sumn n (fun j => p j * y j)).
  assert (Ht : 0 <= t).
  { apply sumn_nonneg. intros j Hj. apply Rmult_le_pos; [auto | apply Rabs_pos]. }
  assert (He : 0 <= e).
  { destruct n as [|n']; [simpl in H1; lra|].
    eapply Rle_trans; [apply Rabs_pos | apply (HD O); lia]. }
  (* t^2 <= sum p y^2 = sum p D^2 - mu^2 <= e^2 *)
  assert (V : 0 <= sumn n (fun j => p j * ((y j - t) * (y j - t)))).
  { apply sumn_nonneg. intros j Hj. apply Rmult_le_pos; [auto | apply Rle_0_sqr]. }
  assert (E1 := variance n p y H1). fold t in E1.
  assert (E2 : sumn n (fun j => p j * (y j * y j)) = sumn n (fun j => p j * (D j * D j)) - mu * mu).
  { unfold mu. rewrite <- (variance n p D H1). apply sumn_ext. intros j _. fold mu. unfold y.
    rewrite <- Rabs_mult, Rabs_right; [reflexivity | apply Rle_ge, Rle_0_sqr]. }
  assert (E3 : sumn n (fun j => p j * (D j * D j)) <= e * e).
  { apply Rle_trans with (sumn n (fun j => (e * e) * p j)).
    - apply sumn_le. intros j Hj. rewrite Rmult_comm. apply Rmult_le_compat_r; [auto|].
      assert (H := HD j Hj). assert (A := Rabs_pos (D j)).
      replace (D j * D j) with (Rabs (D j) * Rabs (D j)).
      + apply Rmult_le_compat; assumption.
      + rewrite <- Rabs_mult. apply Rabs_right, Rle_ge, Rle_0_sqr.
    - rewrite sumn_scal, H1. lra. }
  assert (0 <= mu * mu) by apply Rle_0_sqr.
  assert (t * t <= e * e) by lra.
  change (t <= e). nra.
Qed.

(* with signs e_i of the change: all of it at once, along the line *)
Theorem softmax_l1 n x y e : (0 < n)%nat ->
  (forall j, (j < n)%nat -> Rabs (y j - x j) <= e) ->
  sumn n (fun i => Rabs (softmax n y i - softmax n x i)) <= e.
Proof.
  intros Hn He. set (d := fun j => y j - x j).
  set (sg := fun i => sign (softmax n y i - softmax n x i)).
  set (phi := fun t => sumn n (fun i => sg i * softmax n (line x d t) i)).
  set (dphi := fun t => sumn n (fun i => sg i * (softmax n (line x d t) i *
                 (d i - sumn n (fun j => softmax n (line x d t) j * d j))))).
  assert (HD : forall t, is_derive phi t (dphi t)).
  { intros t. unfold phi, dphi.
    apply (is_derive_sumn n (fun i s => sg i * softmax n (line x d s) i)
             (fun i s => sg i * (softmax n (line x d s) i *
                (d i - sumn n (fun j => softmax n (line x d s) j * d j))))).
    intros i Hi. apply is_derive_scal. now apply softmax_line_derive. }
  destruct (MVT_gen phi 0 1 dphi) as [c [_ E]].
  - intros t _. apply HD.
  - intros t _. apply continuity_pt_filterlim, (ex_derive_continuous phi t). now exists (dphi t).
  - assert (Ey : phi 1 = sumn n (fun i => sg i * softmax n y i)).
    { unfold phi. apply sumn_ext. intros i _. f_equal. unfold softmax, line, d.
      f_equal; [f_equal; ring|]. apply sumn_ext. intros; f_equal; ring. }
    assert (Ex : phi 0 = sumn n (fun i => sg i * softmax n x i)).
    { unfold phi. apply sumn_ext. intros i _. f_equal. unfold softmax, line, d.
      f_equal; [f_equal; ring|]. apply sumn_ext. intros; f_equal; ring. }
    assert (El : sumn n (fun i => Rabs (softmax n y i - softmax n x i)) = phi 1 - phi 0).
    { rewrite Ey, Ex, <- sumn_minus. apply sumn_ext. intros i _. rewrite <- Rmult_minus_distr_l.
      unfold sg. set (z := softmax n y i - softmax n x i).
      destruct (Rtotal_order z 0) as [N|[N|N]].
      - rewrite sign_eq_m1, Rabs_left by assumption. ring.
      - rewrite N, Rabs_R0. ring.
      - rewrite sign_eq_1, Rabs_right by lra. ring. }
    rewrite El, E, Rminus_0_r, Rmult_1_r. unfold dphi.
    set (p := softmax n (line x d c)).
    assert (P : forall j, (j < n)%nat -> 0 <= p j) by (intros; left; apply softmax_pos; auto).
    assert (S1 : sumn n p = 1) by (apply softmax_sum1; lia).
    eapply Rle_trans; [|apply (deviation n p d e P S1 He)].
    apply sumn_le. intros i Hi. set (w := d i - sumn n (fun j => p j * d j)).
    assert (A : Rabs (sg i) <= 1).
    { unfold sg. destruct (Rtotal_order (softmax n y i - softmax n x i) 0) as [N|[N|N]].
      - rewrite sign_eq_m1 by assumption. rewrite Rabs_left; lra.
      - rewrite N, sign_0, Rabs_R0. lra.
      - rewrite sign_eq_1 by assumption. rewrite Rabs_R1. lra. }
    eapply Rle_trans; [apply Rle_abs|]. rewrite !Rabs_mult, (Rabs_pos_eq (p i)) by auto.
    rewrite <- (Rmult_1_l (p i * Rabs w)) at 2.
    apply Rmult_le_compat_r; [|assumption].
    apply Rmult_le_pos; [auto | apply Rabs_pos].
Qed.
