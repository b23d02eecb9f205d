(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Bounds of softmax, log-softmax and log-sum-exp by simpler functions: the
   exponential-reciprocal (ER) and the log-sum-exp (LSE) bounds, and their
   tangent planes. Everything rests on the tangent and the chord of exp. *)
Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums Softmax.
Open Scope R_scope.

(* ---- (c) tangent and chord ------------------------------------------------ *)
Lemma exp_ge_1px x : 1 + x <= exp x.
Proof.
  destruct (Req_dec x 0) as [->|H]; [rewrite exp_0; lra|].
  left. apply exp_ineq1; auto.
Qed.

Theorem tangent_le_exp c x : exp c * (1 + (x - c)) <= exp x.
Proof.
  replace (exp x) with (exp c * exp (x - c)) by (rewrite <- exp_plus; f_equal; ring).
  apply Rmult_le_compat_l; [left; apply exp_pos | apply exp_ge_1px].
Qed.

Definition chord (l u x : R) : R := exp l + (exp u - exp l) / (u - l) * (x - l).

(* weighted form, proved from the tangent at the mixed point: no derivative is needed *)
Lemma exp_convex a b t : 0 <= t <= 1 ->
  exp (t * a + (1 - t) * b) <= t * exp a + (1 - t) * exp b.
Proof.
  intros Ht. set (c := t * a + (1 - t) * b).
  assert (Ha := tangent_le_exp c a). assert (Hb := tangent_le_exp c b).
  assert (E : exp c = t * (exp c * (1 + (a - c))) + (1 - t) * (exp c * (1 + (b - c)))).
  { unfold c at 3 5. ring. }
  rewrite E.
  apply Rplus_le_compat; apply Rmult_le_compat_l; lra.
Qed.

Theorem exp_le_chord l u x : l < u -> l <= x <= u -> exp x <= chord l u x.
Proof.
  intros Hlu Hx. unfold chord. set (t := (u - x) / (u - l)).
  assert (Ht : 0 <= t <= 1).
  { unfold t. split; [apply Rdiv_le_0_compat; lra|].
    apply (Rmult_le_reg_r (u - l)); [lra|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l; lra. }
  assert (H := exp_convex l u t Ht).
  replace (t * l + (1 - t) * u) with x in H by (unfold t; field; lra).
  eapply Rle_trans; [exact H|]. right. unfold t. field. lra.
Qed.

(* ---- (b) lower bounds ----------------------------------------------------- *)
Lemma Rdiv_le_r a b c : 0 <= a -> 0 < b -> b <= c -> a / c <= a / b.
Proof.
  intros Ha Hb Hbc. unfold Rdiv. apply Rmult_le_compat_l; auto. apply Rinv_le_contravar; lra.
Qed.

(* LSE lower bound: exp(x_i) / sum of chords *)
Theorem lse_lower n x l u i : (i < n)%nat ->
  (forall j, (j < n)%nat -> l j < u j /\ l j <= x j <= u j) ->
  exp (x i) / sumn n (fun j => chord (l j) (u j) (x j)) <= softmax n x i.
Proof.
  intros Hi H. unfold softmax. apply Rdiv_le_r.
  - left; apply exp_pos.
  - apply sumexp_pos; lia.
  - apply sumn_le. intros j Hj. destruct (H j Hj). apply exp_le_chord; auto.
Qed.

(* ER lower bound: on the differences x_j - x_i, range [l_j - u_i, u_j - l_i] *)
Theorem er_lower n x l u i : (i < n)%nat ->
  (forall j, (j < n)%nat -> l j < u j /\ l j <= x j <= u j) ->
  1 / (1 + others n i (fun j => chord (l j - u i) (u j - l i) (x j - x i))) <= softmax n x i.
Proof.
  intros Hi H. rewrite softmax_alt by auto. apply Rdiv_le_r; [lra| |].
  - assert (0 <= others n i (fun j => exp (x j - x i))); [|lra].
    apply sumn_nonneg; intros j _; destruct (Nat.eq_dec j i); [lra|left; apply exp_pos].
  - apply Rplus_le_compat_l, sumn_le. intros j Hj. destruct (Nat.eq_dec j i); [lra|].
    destruct (H j Hj), (H i Hi). apply exp_le_chord; lra.
Qed.

(* Upper bound: p = exp(log p) lies under the chord of exp between log p_lo and log p_hi;
   log p = x_i - LSE(x) is concave, so the bound is concave in x. *)
Lemma softmax_exp_lse n x i : (i < n)%nat -> softmax n x i = exp (x i - lse n x).
Proof.
  intros Hi. unfold softmax, lse, Rminus, Rdiv.
  rewrite exp_plus, exp_Ropp, exp_ln; [reflexivity|apply sumexp_pos; lia].
Qed.

Theorem lse_upper n x i plo phi : (i < n)%nat -> 0 < plo < phi ->
  plo <= softmax n x i <= phi ->
  softmax n x i <= chord (ln plo) (ln phi) (x i - lse n x).
Proof.
  intros Hi Hp Hs. rewrite softmax_exp_lse at 1 by auto.
  rewrite (softmax_exp_lse n x i Hi) in Hs.
  apply exp_le_chord.
  - apply ln_increasing; lra.
  - split.
    + rewrite <- (ln_exp (x i - lse n x)). apply Rcomplements.ln_le; lra.
    + rewrite <- (ln_exp (x i - lse n x)) at 1. apply Rcomplements.ln_le; [apply exp_pos|lra].
Qed.

(* shift bounds used by every stable program: max <= LSE <= max + ln n *)
Theorem lse_max n x m : (0 < n)%nat -> (forall j, (j < n)%nat -> x j <= m) ->
  (exists j, (j < n)%nat /\ x j = m) -> m <= lse n x <= m + ln (INR n).
Proof.
  intros Hn Hm [j [Hj Ej]]. unfold lse.
  assert (Hexp : forall a b, a <= b -> exp a <= exp b).
  { intros a b [H|H]; [left; apply exp_increasing; auto|subst; lra]. }
  assert (0 < INR n) by (apply lt_0_INR; auto).
  split.
  - rewrite <- (ln_exp m) at 1. apply Rcomplements.ln_le; [apply exp_pos|].
    rewrite (sumn_split n j) by auto. rewrite Ej.
    assert (0 <= others n j (fun k => exp (x k))); [|lra].
    apply sumn_nonneg; intros k _; destruct (Nat.eq_dec k j); [lra|left; apply exp_pos].
  - replace (m + ln (INR n)) with (ln (INR n * exp m)).
    2:{ rewrite ln_mult, ln_exp; [ring|auto|apply exp_pos]. }
    apply Rcomplements.ln_le; [apply sumexp_pos; auto|].
    rewrite <- sumn_const. apply sumn_le; auto.
Qed.
