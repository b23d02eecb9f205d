(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Normalizers: ranges over boxes by quotients and by corners, the projection to the simplex and the
   monotone threshold of its kin, the means behind permute-and-flip. *)
Require Import Reals Lra Lia Arith Psatz.
From Softbox Require Import Sums.
Open Scope R_scope.

(* ---- quotients ---- *)

Lemma div_le_cross a b c d : 0 < b -> 0 < d -> a * d <= c * b -> a / b <= c / d.
Proof.
  intros Hb Hd H. apply Rmult_le_reg_r with b; [assumption|].
  apply Rmult_le_reg_r with d; [assumption|].
  replace (a / b * b * d) with (a * d) by (field; lra).
  replace (c / d * b * d) with (c * b) by (field; lra). assumption.
Qed.

Theorem quotient_range a b al ah bl bh :
  0 <= al -> al <= a -> a <= ah -> 0 <= bl -> bl <= b -> b <= bh ->
  0 < al + bh -> 0 < a + b -> 0 < ah + bl ->
  al / (al + bh) <= a / (a + b) <= ah / (ah + bl).
Proof.
  intros. split; apply div_le_cross; try assumption.
  - assert (al * b <= a * bh) by (apply Rmult_le_compat; lra). nra.
  - assert (a * bl <= ah * b) by (apply Rmult_le_compat; lra). nra.
Qed.

(* ---- corners ---- *)

Section Corners.
  Variables (n i : nat) (f : (nat -> R) -> R).
  Definition put (x : nat -> R) (k : nat) (t : R) : nat -> R :=
    fun j => if Nat.eq_dec j k then t else x j.
  Hypothesis i_n : (i < n)%nat.
  Hypothesis same : forall x y, (forall j, (j < n)%nat -> x j = y j) -> f x = f y.
  Hypothesis rises : forall x t, x i <= t -> f x <= f (put x i t).
  Hypothesis falls : forall x j t, (j < n)%nat -> j <> i -> x j <= t -> f (put x j t) <= f x.

  (* the others below k at u, own coordinate as in x *)
  Let mix (x u : nat -> R) (k : nat) : nat -> R :=
    fun j => if Nat.eq_dec j i then x j else if lt_dec j k then u j else x j.

  Lemma mix_falls x u k : (k <= n)%nat -> (forall j, (j < n)%nat -> x j <= u j) -> f (mix x u k) <= f x.
  Proof.
    intros Hk Hu. induction k as [|k IH].
    - right. apply same. intros j _. unfold mix. destruct (Nat.eq_dec j i); [reflexivity|].
      destruct (lt_dec j 0); [lia|reflexivity].
    - apply Rle_trans with (f (mix x u k)); [|apply IH; lia].
      destruct (Nat.eq_dec k i) as [E|E].
      + right. apply same. intros j Hj. unfold mix. destruct (Nat.eq_dec j i); [reflexivity|].
        destruct (lt_dec j (S k)), (lt_dec j k); try reflexivity; lia.
      + replace (f (mix x u (S k))) with (f (put (mix x u k) k (u k))).
        * apply falls; [lia|assumption|]. unfold mix.
          destruct (Nat.eq_dec k i); [contradiction|]. destruct (lt_dec k k); [lia|]. apply Hu; lia.
        * apply same. intros j Hj. unfold put, mix.
          destruct (Nat.eq_dec j k) as [F|F]; destruct (Nat.eq_dec j i);
            destruct (lt_dec j (S k)), (lt_dec j k); subst; try reflexivity; try lia.
  Qed.

  Let corner (own others : nat -> R) : nat -> R := fun j => if Nat.eq_dec j i then own j else others j.

  Lemma mix_all x u j : (j < n)%nat -> mix x u n j = corner x u j.
  Proof.
    intros Hj. unfold mix, corner. destruct (Nat.eq_dec j i); [reflexivity|].
    destruct (lt_dec j n); [reflexivity|lia].
  Qed.

  Lemma put_corner own v others j : put (corner own others) i (v i) j = corner v others j.
  Proof. unfold put, corner. destruct (Nat.eq_dec j i); [subst|]; reflexivity. Qed.

  Theorem two_corners l x u : (forall j, (j < n)%nat -> l j <= x j <= u j) ->
    f (corner l u) <= f x <= f (corner u l).
  Proof.
    intros Hx. split.
    - apply Rle_trans with (f (corner x u)).
      + replace (f (corner x u)) with (f (put (corner l u) i (x i))).
        * apply rises. unfold corner. destruct (Nat.eq_dec i i); [|contradiction]. apply Hx; assumption.
        * apply same. intros; apply put_corner.
      + replace (f (corner x u)) with (f (mix x u n)).
        * apply mix_falls; [lia|]. intros; apply Hx; assumption.
        * apply same. intros; apply mix_all; assumption.
    - apply Rle_trans with (f (corner x l)).
      + replace (f x) with (f (mix (corner x l) x n)).
        * apply mix_falls; [lia|]. intros j Hj. unfold corner. destruct (Nat.eq_dec j i); [lra|].
          apply Hx; assumption.
        * apply same. intros j Hj. rewrite mix_all by assumption. unfold corner.
          destruct (Nat.eq_dec j i); reflexivity.
      + replace (f (corner u l)) with (f (put (corner x l) i (u i))).
        * apply rises. unfold corner. destruct (Nat.eq_dec i i); [|contradiction]. apply Hx; assumption.
        * apply same. intros; apply put_corner.
  Qed.
End Corners.

(* ---- the projection to the simplex ---- *)

Definition pos (z : R) : R := Rmax z 0.

Lemma pos_ge z : z <= pos z. Proof. apply Rmax_l. Qed.
Lemma pos_nonneg z : 0 <= pos z. Proof. apply Rmax_r. Qed.
Lemma pos_eq z : 0 <= z -> pos z = z. Proof. intros; apply Rmax_left; lra. Qed.
Lemma pos_zero z : z <= 0 -> pos z = 0. Proof. intros; apply Rmax_right; lra. Qed.

Theorem simplex_nearest n y tau q :
  sumn n (fun j => pos (y j - tau)) = 1 ->
  (forall j, (j < n)%nat -> 0 <= q j) -> sumn n q = 1 ->
  sumn n (fun j => (pos (y j - tau) - y j) * (pos (y j - tau) - y j)) <=
  sumn n (fun j => (q j - y j) * (q j - y j)).
Proof.
  intros Hp Hq Hs.
  apply Rle_trans with (sumn n (fun j => (pos (y j - tau) - y j) * (pos (y j - tau) - y j)
                                          + (-2 * tau) * (q j + (-1) * pos (y j - tau)))).
  - rewrite sumn_plus, sumn_scal, (sumn_plus n q (fun j => -1 * pos (y j - tau))), sumn_scal, Hp, Hs. lra.
  - apply sumn_le. intros j Hj. specialize (Hq j Hj). set (p := pos (y j - tau)).
    assert (0 <= p) by apply pos_nonneg. assert (y j - tau <= p) by apply pos_ge.
    assert (Hz : p * (p - (y j - tau)) = 0).
    { unfold p. destruct (Rle_dec 0 (y j - tau)); [rewrite pos_eq by lra; ring|rewrite pos_zero by lra; ring]. }
    assert (0 <= q j * (p - (y j - tau))) by (apply Rmult_le_pos; lra).
    assert (0 <= (q j - p) * (q j - p)) by (apply Rle_0_sqr). nra.
Qed.

Theorem threshold_max n y tau (s : nat -> R) :
  sumn n (fun j => pos (y j - tau)) = 1 ->
  (forall j, (j < n)%nat -> s j = 0 \/ s j = 1) -> 0 < sumn n s ->
  (sumn n (fun j => s j * y j) - 1) / sumn n s <= tau.
Proof.
  intros Hp Hs Hk. apply Rmult_le_reg_r with (sumn n s); [assumption|].
  replace ((sumn n (fun j => s j * y j) - 1) / sumn n s * sumn n s)
    with (sumn n (fun j => s j * y j) - 1) by (field; lra).
  assert (H : sumn n (fun j => s j * y j + (- tau) * s j) <= 1).
  { rewrite <- Hp. apply sumn_le. intros j Hj.
    assert (A := pos_ge (y j - tau)). assert (B := pos_nonneg (y j - tau)).
    destruct (Hs j Hj) as [E|E]; rewrite E; lra. }
  rewrite sumn_plus, sumn_scal in H. lra.
Qed.

Theorem threshold_attained n y tau (s : nat -> R) :
  sumn n (fun j => pos (y j - tau)) = 1 ->
  (forall j, (j < n)%nat -> (s j = 1 /\ tau <= y j) \/ (s j = 0 /\ y j <= tau)) -> 0 < sumn n s ->
  (sumn n (fun j => s j * y j) - 1) / sumn n s = tau.
Proof.
  intros Hp Hs Hk.
  assert (H : sumn n (fun j => s j * y j + (- tau) * s j) = 1).
  { rewrite <- Hp. apply sumn_ext. intros j Hj.
    destruct (Hs j Hj) as [[E F]|[E F]]; rewrite E;
      [rewrite pos_eq by lra|rewrite pos_zero by lra]; ring. }
  rewrite sumn_plus, sumn_scal in H.
  apply Rmult_eq_reg_r with (sumn n s); [|lra].
  replace ((sumn n (fun j => s j * y j) - 1) / sumn n s * sumn n s)
    with (sumn n (fun j => s j * y j) - 1) by (field; lra). lra.
Qed.

(* ---- thresholds are monotone ---- *)

Lemma sumn_lt n f g : (forall j, (j < n)%nat -> f j <= g j) -> (exists j, (j < n)%nat /\ f j < g j) ->
  sumn n f < sumn n g.
Proof.
  induction n as [|n IH]; intros H [j [Hj Hl]]; [lia|]; simpl.
  destruct (Nat.eq_dec j n) as [E|E].
  - subst. apply Rplus_le_lt_compat; [apply sumn_le; intros; apply H; lia|assumption].
  - apply Rplus_lt_le_compat; [|apply H; lia]. apply IH; [intros; apply H; lia|]. exists j. split; [lia|assumption].
Qed.

Lemma sumn_some_pos n f : 0 < sumn n f -> exists j, (j < n)%nat /\ 0 < f j.
Proof.
  induction n as [|n IH]; simpl; intros H; [lra|].
  destruct (Rlt_dec 0 (f n)); [exists n; split; [lia|assumption]|].
  destruct IH as [j [A B]]; [lra|]. exists j. split; [lia|assumption].
Qed.

Theorem threshold_monotone n (h : R -> R) y z s t :
  (forall a b, a <= b -> h a <= h b) -> (forall a, a <= 0 -> h a = 0) ->
  (forall a b, 0 < a -> a < b -> h a < h b) ->
  sumn n (fun j => h (y j - s)) = 1 -> sumn n (fun j => h (z j - t)) = 1 ->
  (forall j, (j < n)%nat -> y j <= z j) -> s <= t.
Proof.
  intros Hm H0 Hs A B Hy. destruct (Rle_dec s t) as [|N]; [assumption|]. exfalso.
  assert (sumn n (fun j => h (y j - s)) < sumn n (fun j => h (z j - t))); [|lra].
  apply sumn_lt.
  - intros j Hj. apply Hm. specialize (Hy j Hj). lra.
  - destruct (sumn_some_pos n (fun j => h (y j - s))) as [j [Hj Hl]]; [lra|].
    exists j. split; [assumption|]. apply Hs.
    + destruct (Rle_dec (y j - s) 0) as [L|L]; [rewrite H0 in Hl by assumption; lra|lra].
    + specialize (Hy j Hj). lra.
Qed.

(* the size of the support without a root: the k-th is in it iff the sum at its own place is below 1 *)
Theorem support_test n (h : R -> R) y tau k :
  (forall a b, a <= b -> h a <= h b) -> (forall a, a <= 0 -> h a = 0) ->
  (forall a b, 0 < a -> a < b -> h a < h b) ->
  sumn n (fun j => h (y j - tau)) = 1 ->
  (tau < y k <-> sumn n (fun j => h (y j - y k)) < 1).
Proof.
  intros Hm H0 Hs A. split; intros H.
  - rewrite <- A. apply sumn_lt.
    + intros j Hj. apply Hm. lra.
    + destruct (sumn_some_pos n (fun j => h (y j - tau))) as [j [Hj Hl]]; [lra|].
      assert (P : 0 < y j - tau).
      { destruct (Rle_dec (y j - tau) 0) as [L|L]; [rewrite H0 in Hl by assumption; lra|lra]. }
      exists j. split; [assumption|].
      destruct (Rle_dec (y j - y k) 0) as [L|L]; [rewrite (H0 (y j - y k)) by assumption; assumption|].
      apply Hs; lra.
  - destruct (Rlt_dec tau (y k)) as [|N]; [assumption|]. exfalso.
    assert (1 <= sumn n (fun j => h (y j - y k))); [|lra].
    rewrite <- A. apply sumn_le. intros j Hj. apply Hm. lra.
Qed.

(* ---- permute-and-flip: one more factor ---- *)

Lemma C_left m k : (k <= m)%nat -> C (S m) k * INR (S m - k) = INR (S m) * C m k.
Proof.
  intros Hk. unfold C. rewrite (fact_simpl m), mult_INR.
  replace (S m - k)%nat with (S (m - k)) by lia. rewrite (fact_simpl (m - k)), mult_INR.
  field. repeat split; try apply INR_fact_neq_0; apply not_0_INR; lia.
Qed.

Lemma C_right m k : (k <= m)%nat -> C (S m) (S k) * INR (S k) = INR (S m) * C m k.
Proof.
  intros Hk. unfold C. replace (S m - S k)%nat with (m - k)%nat by lia.
  rewrite (fact_simpl m), (fact_simpl k), !mult_INR.
  field. repeat split; try apply INR_fact_neq_0; apply not_0_INR; lia.
Qed.

Lemma C_pos m k : 0 < C m k.
Proof.
  unfold C. apply Rdiv_lt_0_compat; [apply INR_fact_lt_0|].
  apply Rmult_lt_0_compat; apply INR_fact_lt_0.
Qed.

(* with W = e / C: the symmetric function e_(k+1) + b e_k of one more number b *)
Theorem flip_step m k e1 e0 b : (S k <= m)%nat ->
  (e1 + b * e0) / C (S m) (S k) =
  (INR (m - k) * (e1 / C m (S k)) + INR (S k) * b * (e0 / C m k)) / INR (S m).
Proof.
  intros Hk.
  assert (L := C_left m (S k) Hk). replace (S m - S k)%nat with (m - k)%nat in L by lia.
  assert (Rr := C_right m k ltac:(lia)).
  assert (P := C_pos (S m) (S k)). assert (P1 := C_pos m (S k)). assert (P0 := C_pos m k).
  assert (Hm : 0 < INR (S m)) by (apply lt_0_INR; lia).
  assert (E1 : INR (m - k) / C m (S k) = INR (S m) / C (S m) (S k)).
  { apply Rmult_eq_reg_r with (C m (S k) * C (S m) (S k)); [|apply Rgt_not_eq; nra].
    field_simplify; [|lra|lra]. lra. }
  assert (E0 : INR (S k) / C m k = INR (S m) / C (S m) (S k)).
  { apply Rmult_eq_reg_r with (C m k * C (S m) (S k)); [|apply Rgt_not_eq; nra].
    field_simplify; [|lra|lra]. lra. }
  replace (INR (m - k) * (e1 / C m (S k)) + INR (S k) * b * (e0 / C m k))
    with (e1 * (INR (m - k) / C m (S k)) + b * e0 * (INR (S k) / C m k)) by (field; lra).
  rewrite E1, E0. field. lra.
Qed.

(* ---- the Frobenius norm of softmax's matrix of derivatives ---- *)

Section Frobenius.
  Variables (n : nat) (p : nat -> R).
  Hypothesis p_pos : forall j, (j < n)%nat -> 0 <= p j.
  Hypothesis p_one : sumn n p = 1.
  Let s2 := sumn n (fun j => p j * p j).
  Let s3 := sumn n (fun j => p j * p j * p j).

  Lemma cubes : s2 * s2 <= s3.
  Proof.
    assert (H : 0 <= sumn n (fun j => p j * ((p j - s2) * (p j - s2)))).
    { apply sumn_nonneg. intros j Hj. apply Rmult_le_pos; [auto|]. apply Rle_0_sqr. }
    rewrite (sumn_ext n _ (fun j => (p j * p j * p j + (-2 * s2) * (p j * p j)) + (s2 * s2) * p j)) in H
      by (intros; ring).
    rewrite !sumn_plus, !sumn_scal, p_one in H. fold s2 s3 in H. lra.
  Qed.

  (* one row: the squares of p_i ((i = k) - p_k) sum to s2 - 2 s3 + s2^2 *)
  Lemma frobenius_row i : (i < n)%nat ->
    sumn n (fun k => (p i * ((if Nat.eq_dec k i then 1 else 0) - p k)) *
                     (p i * ((if Nat.eq_dec k i then 1 else 0) - p k))) =
    p i * p i + (-2) * (p i * p i * p i) + s2 * (p i * p i).
  Proof.
    intros Hi. rewrite (sumn_split n i) by assumption. unfold others.
    destruct (Nat.eq_dec i i) as [_|]; [|contradiction].
    rewrite (sumn_ext n _ (fun k => (p i * p i) * (if Nat.eq_dec k i then 0 else p k * p k))).
    2:{ intros k _. destruct (Nat.eq_dec k i); ring. }
    rewrite sumn_scal.
    assert (E := sumn_split n i (fun k => p k * p k) Hi). unfold others in E. fold s2 in E.
    replace (sumn n (fun k => if Nat.eq_dec k i then 0 else p k * p k)) with (s2 - p i * p i) by lra.
    ring.
  Qed.

  Theorem frobenius_half :
    sumn n (fun i => sumn n (fun k => (p i * ((if Nat.eq_dec k i then 1 else 0) - p k)) *
                                      (p i * ((if Nat.eq_dec k i then 1 else 0) - p k)))) <= / 4.
  Proof.
    rewrite (sumn_ext n _ (fun i => (p i * p i + (-2) * (p i * p i * p i)) + s2 * (p i * p i)))
      by (intros; apply frobenius_row; assumption).
    rewrite !sumn_plus, !sumn_scal. fold s2 s3. assert (H := cubes).
    assert (0 <= (s2 - / 2) * (s2 - / 2)) by apply Rle_0_sqr. lra.
  Qed.
End Frobenius.
