(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* The exp kernel as a whole. Its parts: range reduction (gappa/range.g with
   Ln2.v), the polynomial (ExpPoly.v), its rounding (gappa/poly.g). Here: their
   composition, the case k = 0, and the step from an error to an enclosure. *)
Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Softbox Require Import Rounding ExpConst ExpPoly.
Open Scope R_scope.

Theorem exp_kernel_error r R y : -0.3466 <= r <= 0.3466 ->
  -2.7762e-17 <= r - R <= 2.7762e-17 ->
  Rabs ((y - P r) / P r) <= 1.284e-16 -> P r <> 0 ->
  Rabs ((y - exp R) / exp R) <= 1.6e-16.
Proof.
  intros Hr Ht He HP. assert (Ha := exp_poly_error r Hr).
  set (e := (y - P r) / P r) in *. set (a := (P r - exp r) / exp r) in *. set (t := r - R) in *.
  assert (Er := exp_pos r). assert (ER := exp_pos R).
  assert (E : (y - exp R) / exp R = (1 + e) * (1 + a) * exp t - 1).
  { assert (Y : y = P r * (1 + e)) by (unfold e; field; auto).
    assert (Pa : P r = exp r * (1 + a)) by (unfold a; field; lra).
    assert (T : exp r = exp R * exp t) by (unfold t; rewrite <- exp_plus; f_equal; ring).
    rewrite Y, Pa, T. field. lra. }
  rewrite E. apply Rabs_le_inv in He. apply Rabs_le_inv in Ha.
  clearbody e a t. clear - He Ha Ht. apply Rabs_le.
  split; interval with (i_prec 120).
Qed.

Lemma P_pos r : -0.3466 <= r <= 0.3466 -> P r <> 0.
Proof.
  intros Hr. apply Rgt_not_eq. unfold P, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11. interval.
Qed.

(* y 2^k against e^x, where R = x - k ln 2 is the exact remainder *)
Theorem exp_kernel x k r y : -0.3466 <= r <= 0.3466 ->
  -2.7762e-17 <= r - (x - IZR k * ln 2) <= 2.7762e-17 ->
  Rabs ((y - P r) / P r) <= 1.284e-16 ->
  Rabs (y * bpow radix2 k / exp x - 1) <= 1.6e-16 /\ 1.6e-16 < 1.4412 * u.
Proof.
  intros Hr Ht He. split.
  - assert (H := exp_kernel_error r _ y Hr Ht He (P_pos r Hr)).
    set (R := x - IZR k * ln 2) in *.
    assert (B : bpow radix2 k = exp (IZR k * ln 2)) by apply bpow_exp.
    assert (X : exp x = exp R * bpow radix2 k).
    { rewrite B, <- exp_plus. f_equal. unfold R. ring. }
    rewrite X. assert (ER := exp_pos R). assert (K := bpow_gt_0 radix2 k).
    replace (y * bpow radix2 k / (exp R * bpow radix2 k) - 1) with ((y - exp R) / exp R);
      [exact H|field; lra].
  - rewrite u_num. lra.
Qed.

(* for |x| < 1/4 the reduction does nothing: k = 0 and r = x *)
Theorem exp_small_k x : Rabs x < 1 / 4 ->
  RN (x * L2E + MAGIC) = MAGIC /\
  RN (MAGIC - MAGIC) = 0 /\ (F64 x -> RN (RN (x - 0 * HI) - 0 * LO) = x).
Proof.
  intros Hx. apply Rabs_lt_inv in Hx. split; [|split].
  - set (z := x * L2E + MAGIC).
    assert (Hz : Rabs (z - 6755399441055744) < / 2).
    { unfold z, MAGIC, L2E. apply Rabs_lt. split; lra. }
    assert (M : mag radix2 z = 53%Z :> Z).
    { apply mag_unique_pos. apply Rabs_lt_inv in Hz. cbn. split; lra. }
    unfold RN, round, scaled_mantissa, cexp, fexp, FLT_exp. rewrite M.
    change (Z.max (53 - 53) (-1074)) with 0%Z. cbn [Z.opp bpow]. rewrite Rmult_1_r.
    rewrite (Znearest_imp _ z 6755399441055744) by exact Hz.
    unfold F2R. cbn. unfold MAGIC. lra.
  - replace (MAGIC - MAGIC) with 0 by ring. apply RN_F64, generic_format_0.
  - intros Fx. replace (x - 0 * HI) with x by ring. rewrite (RN_F64 x Fx).
    replace (x - 0 * LO) with x by ring. apply RN_F64; auto.
Qed.

(* where the remainder keeps e^R, and so y *)
Theorem exp_range R y : Rabs R <= 0.34658 -> Rabs (y / exp R - 1) <= 1.45 * u ->
  0.7071 <= exp R <= 1.4143 /\ 0.7 <= y <= 1.42.
Proof.
  intros HR Hy. apply Rabs_le_inv in HR.
  assert (E : 0.7071 <= exp R <= 1.4143) by (split; interval).
  split; auto. apply Rabs_le_inv in Hy. rewrite u_num in Hy.
  set (q := y / exp R) in *. assert (Y : y = q * exp R) by (unfold q; field; lra).
  clearbody q. subst y. nra.
Qed.

(* from the error to an enclosure: one FMA with 2.5 u on either side *)
Theorem exp_inflate E y : 0 < E -> 0.7 <= y <= 1.42 -> Rabs (y / E - 1) <= 1.45 * u ->
  RN (y * (-2.5 * u) + y) <= E <= RN (y * (2.5 * u) + y).
Proof.
  intros HE Hy H. apply Rabs_le_inv in H. rewrite u_num in *.
  assert (Y : y = (y / E) * E) by (field; lra). set (q := y / E) in *.
  assert (B : bpow radix2 (-1022) <= 1 / 4).
  { apply Rle_trans with (bpow radix2 (-2)); [apply bpow_le; lia|cbn; lra]. }
  assert (G : forall z, 0.5 <= z -> z * (1 - / 9007199254740992) <= RN z <= z * (1 + / 9007199254740992)).
  { intros z Hz. destruct (standard_model_normal z) as [d [Hd ->]].
    - rewrite Rabs_pos_eq; lra.
    - rewrite u_num in Hd. apply Rabs_le_inv in Hd. split; apply Rmult_le_compat_l; lra. }
  split.
  - eapply Rle_trans; [apply G; lra|].
    apply Rle_trans with (y * (1 - 1.49 * / 9007199254740992)); [lra|].
    rewrite Y. assert (q * (1 - 1.49 * / 9007199254740992) <= 1); [|nra]. lra.
  - eapply Rle_trans; [|apply G; lra].
    apply Rle_trans with (y * (1 + 1.49 * / 9007199254740992)); [|lra].
    rewrite Y. assert (1 <= q * (1 + 1.49 * / 9007199254740992)); [|nra]. lra.
Qed.
