(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* What makes a round-to-nearest program rigorous, in binary64 with gradual underflow (no overflow):
   one step outward after a correctly rounded operation encloses the exact result, and the
   standard model of rounding, with its underflow term where there is one. *)
Require Import Reals Lra Lia Arith ZArith Psatz.
From Flocq Require Import Core Relative Plus_error Mult_error Pff2Flocq.
From Softbox Require Import Sums.
Open Scope R_scope.

Definition fexp := FLT_exp (-1074) 53.
Definition RN := round radix2 fexp ZnearestE.
Notation F64 := (generic_format radix2 fexp).

Global Instance prec53 : Prec_gt_0 53.
Proof. unfold Prec_gt_0; lia. Qed.

Global Instance fexp_valid : Valid_exp fexp.
Proof. apply FLT_exp_valid. unfold Prec_gt_0; lia. Qed.

(* one float outward after a correctly rounded operation encloses the exact result *)
Theorem next_up_encloses z : z <= succ radix2 fexp (RN z).
Proof. apply succ_round_ge_id; typeclasses eauto. Qed.

Theorem next_down_encloses z : pred radix2 fexp (RN z) <= z.
Proof. apply pred_round_le_id; typeclasses eauto. Qed.

(* the cheap inflation: one multiplication by 1 + 2^-52 instead of nextafter.
   If  z <= r (1+u)  with u = 2^-53 (z > 0 normal) then z <= RN (r * (1 + 2^-52)). *)
Theorem mul_up_encloses z r : 0 < r -> F64 r -> bpow radix2 (-1022) <= r ->
  z <= r * (1 + bpow radix2 (-53)) -> z <= RN (r * (1 + bpow radix2 (-52))).
Proof.
  intros Hr Fr Hn Hz.
  assert (U : ulp radix2 fexp r = bpow radix2 (cexp radix2 fexp r)).
  { apply ulp_neq_0; lra. }
  (* r * 2^-52 >= ulp r, so the exact product is >= succ r, and RN is monotone *)
  assert (Hulp : ulp radix2 fexp r <= r * bpow radix2 (-52)).
  { rewrite <- (Rabs_pos_eq r) at 2 by lra. change (-52)%Z with (1 - 53)%Z.
    apply ulp_FLT_le.
    rewrite Rabs_pos_eq by lra. exact Hn. }
  assert (Hs : succ radix2 fexp r <= RN (r * (1 + bpow radix2 (-52)))).
  { rewrite <- (round_generic radix2 fexp ZnearestE (succ radix2 fexp r)).
    2:{ apply generic_format_succ; auto; typeclasses eauto. }
    unfold RN. apply round_le; try typeclasses eauto.
    rewrite succ_eq_pos by lra. lra. }
  eapply Rle_trans; [|exact Hs]. rewrite succ_eq_pos by lra.
  eapply Rle_trans; [exact Hz|].
  assert (B : r * bpow radix2 (-53) <= ulp radix2 fexp r).
  { assert (L : r < bpow radix2 (mag radix2 r)) by (rewrite <- (Rabs_pos_eq r) at 1 by lra; apply bpow_mag_gt).
    rewrite U. unfold cexp, fexp, FLT_exp.
    apply Rle_trans with (bpow radix2 (mag radix2 r) * bpow radix2 (-53)).
    - apply Rmult_le_compat_r; [apply bpow_ge_0|lra].
    - rewrite <- bpow_plus. apply bpow_le. lia. }
  lra.
Qed.

(* ---- the standard model ---------------------------------------------------- *)
Definition u := bpow radix2 (-53).
Definition eta := bpow radix2 (-1074).

Lemma u_val : u = / 2 ^ 53.
Proof. unfold u. cbn. f_equal. lra. Qed.
Lemma u_num : u = / 9007199254740992.
Proof. rewrite u_val. f_equal. lra. Qed.
Lemma u_pos : 0 < u. Proof. apply bpow_gt_0. Qed.
Lemma eta_pos : 0 < eta. Proof. apply bpow_gt_0. Qed.
Lemma u_half : / 2 * bpow radix2 (- (53) + 1) = u.
Proof. unfold u. cbn. lra. Qed.

(* nearest, ties to even, is odd: what the theorems on error-free sums ask for *)
Lemma even_sym x : negb (Z.even x) = negb (negb (Z.even (- (x + 1)))).
Proof.
  rewrite Bool.negb_involutive, Z.even_opp, Z.even_add. destruct (Z.even x); reflexivity.
Qed.

(* |RN z - z| <= u |z| + eta/2; only one of the two terms is ever needed *)
Theorem standard_model z : exists d e : R,
  Rabs d <= u /\ Rabs e <= eta / 2 /\ d * e = 0 /\ RN z = z * (1 + d) + e.
Proof.
  destruct (error_N_FLT radix2 (-1074) 53 ltac:(lia) (fun x => negb (Z.even x)) z)
    as [d [e [Hd [He [H0 H]]]]].
  exists d, e. rewrite u_half in Hd. repeat split; auto. unfold eta. lra.
Qed.

Theorem standard_model_abs z : Rabs (RN z - z) <= u * Rabs z + eta / 2.
Proof.
  destruct (standard_model z) as [d [e [Hd [He [_ ->]]]]].
  replace (z * (1 + d) + e - z) with (d * z + e) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
  apply Rplus_le_compat; auto. apply Rmult_le_compat_r; auto. apply Rabs_pos.
Qed.

(* a sum or a difference of doubles has no underflow term *)
Theorem standard_model_sum x y : F64 x -> F64 y -> exists d,
  Rabs d <= u /\ RN (x + y) = (x + y) * (1 + d).
Proof.
  intros Fx Fy.
  destruct (FLT_plus_error_N_ex radix2 (-1074) 53 (fun x => negb (Z.even x)) x y Fx Fy)
    as [d [Hd H]].
  exists d. split; [|exact H]. eapply Rle_trans; [exact Hd|].
  unfold u_ro. rewrite u_half. assert (U := u_pos).
  apply (Rmult_le_reg_r (1 + u)); [lra|]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l by lra. nra.
Qed.

(* nor has any operation whose result is in the normal range *)
Theorem standard_model_normal z : bpow radix2 (-1022) <= Rabs z -> exists d,
  Rabs d <= u /\ RN z = z * (1 + d).
Proof.
  intros H.
  destruct (relative_error_N_FLT_ex radix2 (-1074) 53 ltac:(lia) (fun x => negb (Z.even x)) z H)
    as [d [Hd E]].
  exists d. rewrite u_half in Hd. auto.
Qed.

Lemma F64_RN z : F64 (RN z).
Proof. apply generic_format_round; typeclasses eauto. Qed.

Lemma RN_F64 z : F64 z -> RN z = z.
Proof. intros H. apply round_generic; auto; typeclasses eauto. Qed.

Lemma RN_le x y : x <= y -> RN x <= RN y.
Proof. intros H. apply round_le; auto; typeclasses eauto. Qed.

(* scaling by a power of two is exact while the result is normal *)
Theorem scale_exact x k : F64 x -> bpow radix2 (-1022) <= Rabs (x * bpow radix2 k) ->
  RN (x * bpow radix2 k) = x * bpow radix2 k.
Proof.
  intros Fx H. apply RN_F64, mult_bpow_exact_FLT; auto.
  assert (x <> 0).
  { intros ->. rewrite Rmult_0_l, Rabs_R0 in H. assert (B := bpow_gt_0 radix2 (-1022)). lra. }
  assert (M : (-1022 < mag radix2 (x * bpow radix2 k))%Z).
  { apply mag_gt_bpow. exact H. }
  rewrite mag_mult_bpow in M by auto. lia.
Qed.

(* small multiples of the least subnormal are doubles *)
Lemma eta_multiple m : (Z.abs m < 2 ^ 53)%Z -> F64 (IZR m * eta).
Proof.
  intros H. apply generic_format_FLT. exists (Float radix2 m (-1074)); [reflexivity|exact H|cbn; lia].
Qed.

(* Knuth's TwoSum: six additions give the rounding error of one, exactly *)
Theorem two_sum_exact a b : F64 a -> F64 b ->
  let s := RN (a + b) in let t := RN (s - a) in
  let e := RN (RN (a - RN (s - t)) + RN (b - t)) in
  s + e = a + b.
Proof.
  intros Fa Fb. cbv zeta.
  exact (TwoSum_correct (-1074) 53 (fun x => negb (Z.even x)) ltac:(lia) ltac:(lia) even_sym a b Fa Fb).
Qed.
