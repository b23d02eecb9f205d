(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Attention of low rank and by samples: residuals, ranges, merged parts. *)
From Softbox Require Import Sums Softmax.
Require Import Reals Lra Lia Arith.
Open Scope R_scope.

(* v (13 - u (15 - u (7 - u))) / 4, u = p v: the residual e = 1 - u *)
Theorem cubic_residual u :
  1 - u * (13 - u * (15 - u * (7 - u))) / 4 = 3 / 4 * (1 - u) ^ 3 + 1 / 4 * (1 - u) ^ 4.
Proof. field. Qed.

Lemma others_const n i c : (i < n)%nat -> others n i (fun _ => c) = (INR n - 1) * c.
Proof.
  intros Hi. assert (H := sumn_split n i (fun _ => c) Hi). rewrite sumn_const in H. lra.
Qed.

(* scores in [-c, c] *)
Theorem bounded_scores n x i c : (i < n)%nat ->
  (forall j, (j < n)%nat -> - c <= x j <= c) ->
  1 / (1 + (INR n - 1) * exp (2 * c)) <= softmax n x i <= 1 / (1 + (INR n - 1) * exp (- (2 * c))).
Proof.
  intros Hi B. assert (Bi := B i Hi). rewrite softmax_alt by assumption.
  assert (N : 0 <= INR n - 1).
  { destruct n; [lia|]. rewrite S_INR. assert (H := pos_INR n). lra. }
  assert (L : (INR n - 1) * exp (- (2 * c)) <= others n i (fun j => exp (x j - x i))).
  { rewrite <- (others_const n i _ Hi). apply others_le. intros j Hj _. apply exp_le.
    assert (Bj := B j Hj). lra. }
  assert (U : others n i (fun j => exp (x j - x i)) <= (INR n - 1) * exp (2 * c)).
  { rewrite <- (others_const n i _ Hi). apply others_le. intros j Hj _. apply exp_le.
    assert (Bj := B j Hj). lra. }
  assert (Z : 0 <= (INR n - 1) * exp (- (2 * c))).
  { apply Rmult_le_pos; [assumption|]. apply Rlt_le, exp_pos. }
  unfold Rdiv. rewrite !Rmult_1_l. split; apply Rinv_le_contravar; lra.
Qed.

(* max <= lse <= max + ln n *)
Theorem lse_sandwich n s t k : (k < n)%nat -> s k = t ->
  (forall j, (j < n)%nat -> s j <= t) -> t <= lse n s <= t + ln (INR n).
Proof.
  intros Hk Et B. unfold lse.
  assert (N : 0 < INR n) by (apply lt_0_INR; lia).
  split.
  - rewrite <- (ln_exp t) at 1. apply ln_le'; [apply exp_pos|].
    rewrite (sumn_split n k) by assumption. rewrite Et.
    assert (0 <= others n k (fun j => exp (s j))).
    { apply others_nonneg. intros. apply Rlt_le, exp_pos. }
    lra.
  - rewrite <- (ln_exp t) at 1. rewrite <- ln_mult by (auto using exp_pos).
    apply ln_le'; [apply sumexp_pos; lia|].
    rewrite Rmult_comm, <- sumn_const. apply sumn_le. intros j Hj. apply exp_le, B, Hj.
Qed.

(* two parts by their sums of weights *)
Theorem merge s1 s2 o1 o2 : 0 < s1 -> 0 < s2 ->
  let f := 1 / (1 + exp (ln s2 - ln s1)) in
  f * o1 + (1 - f) * o2 = (s1 * o1 + s2 * o2) / (s1 + s2).
Proof.
  intros H1 H2 f. unfold f, Rminus. rewrite exp_plus, exp_Ropp, !exp_ln by assumption.
  field. lra.
Qed.
