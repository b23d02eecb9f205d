(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* c . softmax(x) over a box is a quotient of two linear forms in the weights
   y_j = e^{x_j}, each between its own ends a_j and b_j. Its exact maximum is the
   root t of F(t) = sum_j max((c_j - t) a_j, (c_j - t) b_j). *)
Require Import Reals Lra Lia Arith.
From Softbox Require Import Sums Softmax.
Open Scope R_scope.

Definition value n (c y : nat -> R) := sumn n (fun j => c j * y j) / sumn n y.
Definition F n (c a b : nat -> R) (t : R) :=
  sumn n (fun j => Rmax ((c j - t) * a j) ((c j - t) * b j)).
(* the corner of the threshold t: the large weight where c_j > t *)
Definition threshold (c a b : nat -> R) (t : R) (j : nat) :=
  if Rlt_dec t (c j) then b j else a j.
Definition weights n (a b y : nat -> R) :=
  forall j, (j < n)%nat -> 0 <= a j /\ a j <= y j <= b j.

(* c . softmax(x) is such a quotient *)
Lemma functional_softmax n c x : (0 < n)%nat ->
  sumn n (fun j => c j * softmax n x j) = value n c (fun j => exp (x j)).
Proof.
  intros Hn. unfold value, softmax, Rdiv. rewrite <- sumn_scal_r.
  apply sumn_ext. intros; ring.
Qed.

Lemma value_le n c y t : 0 < sumn n y ->
  (value n c y <= t <-> sumn n (fun j => (c j - t) * y j) <= 0).
Proof.
  intros Hs. unfold value.
  replace (sumn n (fun j => (c j - t) * y j)) with (sumn n (fun j => c j * y j) - t * sumn n y).
  2:{ rewrite <- sumn_scal, <- sumn_minus. apply sumn_ext; intros; ring. }
  set (s := sumn n y) in *. set (v := sumn n _). split; intros H.
  - assert (v / s * s <= t * s) by (apply Rmult_le_compat_r; lra).
    replace (v / s * s) with v in * by (field; lra). lra.
  - apply (Rmult_le_reg_r s); [lra|]. replace (v / s * s) with v by (field; lra). lra.
Qed.

(* F(t) <= 0 makes t an upper bound, for every choice of the weights *)
Theorem functional_upper n c a b y t : weights n a b y -> 0 < sumn n y ->
  F n c a b t <= 0 -> value n c y <= t.
Proof.
  intros Hw Hs HF. apply value_le; auto. eapply Rle_trans; [|exact HF].
  apply sumn_le. intros j Hj. destruct (Hw j Hj) as [Ha [H1 H2]].
  destruct (Rle_dec 0 (c j - t)).
  - eapply Rle_trans; [|apply Rmax_r]. apply Rmult_le_compat_l; lra.
  - eapply Rle_trans; [|apply Rmax_l]. nra.
Qed.

Lemma threshold_F n c a b t : (forall j, (j < n)%nat -> 0 <= a j <= b j) ->
  sumn n (fun j => (c j - t) * threshold c a b t j) = F n c a b t.
Proof.
  intros H. apply sumn_ext. intros j Hj. specialize (H j Hj). unfold threshold.
  destruct (Rlt_dec t (c j)).
  - rewrite Rmax_right; [reflexivity|]. nra.
  - rewrite Rmax_left; [reflexivity|]. nra.
Qed.

(* and no smaller number will do: F(t) > 0 has a corner with a larger value *)
Theorem functional_sharp n c a b t : (forall j, (j < n)%nat -> 0 <= a j <= b j) ->
  0 < F n c a b t ->
  0 < sumn n (threshold c a b t) /\ t < value n c (threshold c a b t).
Proof.
  intros H HF. rewrite <- threshold_F in HF by auto.
  assert (P : forall j, (j < n)%nat -> 0 <= threshold c a b t j).
  { intros j Hj. specialize (H j Hj). unfold threshold. destruct (Rlt_dec t (c j)); lra. }
  assert (S : 0 < sumn n (threshold c a b t)).
  { destruct (Rle_lt_or_eq_dec 0 (sumn n (threshold c a b t))) as [Q|Q]; auto.
    - apply sumn_nonneg; auto.
    - exfalso. assert (Z : forall j, (j < n)%nat -> threshold c a b t j = 0).
      { intros j Hj. assert (E := sumn_split n j (threshold c a b t) Hj).
        assert (0 <= others n j (threshold c a b t)) by (apply others_nonneg; auto).
        specialize (P j Hj). lra. }
      rewrite (sumn_ext n _ (fun _ => 0)), sumn_const in HF; [lra|].
      intros j Hj. rewrite (Z j Hj). ring. }
  split; auto. apply Rnot_le_lt. intros V. apply value_le in V; auto. lra.
Qed.

(* at a root the bound is attained, at the corner of the threshold *)
Theorem functional_attained n c a b t : (forall j, (j < n)%nat -> 0 <= a j <= b j) ->
  0 < sumn n (threshold c a b t) -> F n c a b t = 0 ->
  value n c (threshold c a b t) = t.
Proof.
  intros H Hs HF. apply Rle_antisym.
  - apply value_le; auto. rewrite threshold_F by auto. lra.
  - rewrite <- threshold_F in HF by auto. unfold value.
    set (y := threshold c a b t) in *.
    replace (sumn n (fun j => (c j - t) * y j)) with (sumn n (fun j => c j * y j) - t * sumn n y) in HF.
    2:{ rewrite <- sumn_scal, <- sumn_minus. apply sumn_ext; intros; ring. }
    right. replace (sumn n (fun j => c j * y j)) with (t * sumn n y) by lra. field. lra.
Qed.

Theorem functional_decreasing n c a b s t : (forall j, (j < n)%nat -> 0 <= a j <= b j) ->
  0 < sumn n a -> s < t -> F n c a b t < F n c a b s.
Proof.
  intros H Ha Hst.
  assert (E : F n c a b t + (t - s) * sumn n a <= F n c a b s); [|nra].
  unfold F. rewrite <- sumn_scal, <- sumn_plus. apply sumn_le. intros j Hj.
  specialize (H j Hj). cbv beta.
  assert (M1 := Rmax_l ((c j - s) * a j) ((c j - s) * b j)).
  assert (M2 := Rmax_r ((c j - s) * a j) ((c j - s) * b j)).
  unfold Rmax at 1. destruct (Rle_dec ((c j - t) * a j) ((c j - t) * b j)); nra.
Qed.

(* ---- c itself known only within an interval -------------------------------- *)
Theorem functional_coefficients n c lo hi y : 0 < sumn n y ->
  (forall j, (j < n)%nat -> 0 <= y j /\ lo j <= c j <= hi j) ->
  value n lo y <= value n c y <= value n hi y.
Proof.
  intros Hs H. unfold value, Rdiv.
  assert (I : 0 <= / sumn n y) by (left; apply Rinv_0_lt_compat; auto).
  split; apply Rmult_le_compat_r; auto; apply sumn_le; intros j Hj;
    destruct (H j Hj) as [Y [C1 C2]]; apply Rmult_le_compat_r; lra.
Qed.

(* a mean lies between the smallest and the largest of its values *)
Theorem functional_range n c y m M : 0 < sumn n y ->
  (forall j, (j < n)%nat -> 0 <= y j /\ m <= c j <= M) ->
  m <= value n c y <= M.
Proof.
  intros Hs H. destruct (functional_coefficients n c (fun _ => m) (fun _ => M) y Hs H) as [A B].
  unfold value in A at 1. unfold value in B at 2. rewrite sumn_scal in A, B.
  replace (m * sumn n y / sumn n y) with m in A by (field; lra).
  replace (M * sumn n y / sumn n y) with M in B by (field; lra). auto.
Qed.

(* the minimum is minus the maximum of -c *)
Lemma functional_neg n c y : value n (fun j => - c j) y = - value n c y.
Proof.
  unfold value, Rdiv. replace (sumn n (fun j => - c j * y j)) with (- sumn n (fun j => c j * y j)).
  - ring.
  - replace (- sumn n (fun j => c j * y j)) with ((-1) * sumn n (fun j => c j * y j)) by ring.
    rewrite <- sumn_scal. apply sumn_ext; intros; ring.
Qed.

Theorem functional_lower n c a b y t : weights n a b y -> 0 < sumn n y ->
  F n (fun j => - c j) a b (- t) <= 0 -> t <= value n c y.
Proof.
  intros Hw Hs HF. assert (H := functional_upper n _ a b y (- t) Hw Hs HF).
  rewrite functional_neg in H. lra.
Qed.
