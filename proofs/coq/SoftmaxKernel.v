(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* The rounding of the interval softmax kernel, around the real-number theorems
   of Softmax.v: own term taken out of a sum, final quotient and its inflation,
   terms too small to be kept. *)
Require Import Reals Lra Lia Arith ZArith.
From Flocq Require Import Core.
From Softbox Require Import Sums Rounding.
Open Scope R_scope.

Notation v := (/ 9007199254740992).    (* u as a number *)

(* ---- the sum without one of its terms ---------------------------------------- *)
(* S' and e' approximate S and e. If e' is at most .49 of S', the subtraction
   cancels so little that s = S - e keeps a relative error of 7.5 u. *)
Theorem own_term_removal S e a b S' e' : 0 < S -> 0 <= e ->
  Rabs a <= 2.6 * u -> Rabs b <= 1.4412 * u ->
  S' = S * (1 + a) -> e' = e * (1 + b) -> F64 S' -> F64 e' -> e' <= 0.49 * S' ->
  0 < S - e /\ Rabs (RN (S' - e') / (S - e) - 1) <= 7.5 * u.
Proof.
  intros HS He Ha Hb ES Ee FS Fe Hc.
  destruct (standard_model_sum S' (- e') FS (generic_format_opp _ _ _ Fe)) as [d [Hd E]].
  change (S' + - e') with (S' - e') in E. rewrite E, ES, Ee. clear E. rewrite ES, Ee in Hc.
  rewrite u_num in *. apply Rabs_le_inv in Ha. apply Rabs_le_inv in Hb. apply Rabs_le_inv in Hd.
  assert (e * (1 - 1.4412 * v) <= e * (1 + b)) by (apply Rmult_le_compat_l; lra).
  assert (S * (1 + a) <= S * (1 + 2.6 * v)) by (apply Rmult_le_compat_l; lra).
  assert (H1 : e <= 0.4900001 * S) by lra.
  set (s := S - e) in *. assert (Hs : 0.5099999 * S <= s) by (unfold s; lra).
  assert (s0 : 0 < s) by lra. split; auto.
  assert (H2 : S <= 1.9608 * s) by lra. assert (H3 : e <= 0.9608 * s) by (unfold s; lra).
  set (c := (a * S - b * e) / s).
  assert (C : Rabs c <= 6.483 * v).
  { unfold c. apply (Rmult_le_reg_r s); auto.
    rewrite <- (Rabs_pos_eq s) at 2 by lra. rewrite <- Rabs_mult.
    replace ((a * S - b * e) / s * s) with (a * S - b * e) by (field; lra).
    assert (- (2.6 * v) * S <= a * S <= 2.6 * v * S) by (split; apply Rmult_le_compat_r; lra).
    assert (- (1.4412 * v) * e <= b * e <= 1.4412 * v * e) by (split; apply Rmult_le_compat_r; lra).
    apply Rabs_le. lra. }
  replace ((S * (1 + a) - e * (1 + b)) * (1 + d) / s - 1) with (c + d * (1 + c)).
  2:{ unfold c. replace (S * (1 + a) - e * (1 + b)) with (s + (a * S - b * e)) by (unfold s; ring).
      field. lra. }
  apply Rabs_le_inv in C.
  assert (D : - (1.0001 * v) <= d * (1 + c) <= 1.0001 * v).
  { assert (0.9999 <= 1 + c <= 1.0001) by lra. clearbody c. split; nra. }
  apply Rabs_le. lra.
Qed.

(* ---- the quotient ------------------------------------------------------------- *)
(* the part without Flocq: rho = q/p is the ratio of computed to exact quotient *)
Lemma quotient_ratio p ea es d1 d2 : 0 <= p <= 1 ->
  Rabs ea <= 1.4412 * v -> Rabs es <= 7.5 * v -> Rabs d1 <= v -> Rabs d2 <= v ->
  let rho := (1 + ea) / (1 + p * ea + (1 - p) * es) * (1 + d2) / (1 + d1) in
  1 - 8.9414 * v * (1 - p) - 2 * v <= rho <= 1 + 8.9414 * v * (1 - p) + 2.0001 * v.
Proof.
  intros Hp Ha Hs H1 H2. cbv zeta.
  apply Rabs_le_inv in Ha. apply Rabs_le_inv in Hs. apply Rabs_le_inv in H1. apply Rabs_le_inv in H2.
  set (D := 1 + p * ea + (1 - p) * es).
  assert (Hpe : - (1.4412 * v) <= p * ea <= 1.4412 * v) by nra.
  assert (Hws : - (7.5 * v) <= (1 - p) * es <= 7.5 * v) by nra.
  assert (HD : 1 - 9 * v <= D <= 1 + 9 * v) by (unfold D; lra).
  set (X := v * (1 - p)). assert (HX : 0 <= X <= v) by (unfold X; lra).
  set (c := (1 - p) * (ea - es) / D).
  assert (HN : - (8.9412 * X) <= (1 - p) * (ea - es) <= 8.9412 * X) by (unfold X; nra).
  assert (HC : - (8.9413 * X) <= c <= 8.9413 * X).
  { unfold c. split; apply (Rmult_le_reg_r D); try lra;
      replace ((1 - p) * (ea - es) / D * D) with ((1 - p) * (ea - es)) by (field; lra).
    - assert (8.9413 * X * (1 - 9 * v) <= 8.9413 * X * D) by (apply Rmult_le_compat_l; lra). lra.
    - assert (8.9413 * X * (1 - 9 * v) <= 8.9413 * X * D) by (apply Rmult_le_compat_l; lra). lra. }
  replace ((1 + ea) / D) with (1 + c) by (unfold c, D in *; field; lra).
  set (g := (d2 - d1) / (1 + d1)).
  assert (HG : - (2 * v) <= g <= 2.00001 * v).
  { unfold g. split; apply (Rmult_le_reg_r (1 + d1)); try lra;
      replace ((d2 - d1) / (1 + d1) * (1 + d1)) with (d2 - d1) by (field; lra); lra. }
  replace ((1 + c) * (1 + d2) / (1 + d1)) with (1 + c + g + c * g) by (unfold g; field; lra).

  replace (8.9414 * v * (1 - p)) with (8.9414 * X) by (unfold X; ring).
  clearbody c g X. clear - HX HC HG.
  assert (Rabs c <= 8.9413 * X) by (apply Rabs_le; lra).
  assert (Rabs g <= 2.00001 * v) by (apply Rabs_le; lra).
  assert (Q : Rabs (c * g) <= 8.9413 * X * (2.00001 * v)).
  { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. }
  apply Rabs_le_inv in Q. lra.
Qed.

Lemma RN_mid z : 0 <= z -> bpow radix2 (-1022) <= z -> z * (1 - v) <= RN z <= z * (1 + v).
Proof.
  intros H0 Hz. destruct (standard_model_normal z) as [d [Hd ->]].
  - rewrite Rabs_pos_eq; lra.
  - rewrite u_num in Hd. apply Rabs_le_inv in Hd. split; apply Rmult_le_compat_l; lra.
Qed.

(* a' and s' approximate the own term a and the rest s. The error of the quotient
   is about 9 u (1 - p) + 2 u: small where p is near 1. *)
Theorem final_inflation a s ea es a' s' delta : 0 < a -> 0 <= s ->
  Rabs ea <= 1.4412 * u -> Rabs es <= 7.5 * u ->
  a' = a * (1 + ea) -> s' = s * (1 + es) -> F64 a' -> F64 s' ->
  let q := RN (a' / RN (a' + s')) in
  bpow radix2 (-960) <= q ->
  (10 * u * (1 - q) + 4 * u) * (1 - bpow radix2 (-40)) <= delta ->
  RN (q - delta * q) <= a / (a + s) <= RN (q + delta * q).
Proof.
  intros Ha Hs Hea Hes Ea Es Fa Fs q Hq Hd.
  rewrite u_num in *.
  set (p := a / (a + s)).
  assert (Hp : 0 < p <= 1).
  { unfold p. split; [apply Rdiv_lt_0_compat; lra|].
    apply (Rmult_le_reg_r (a + s)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  assert (W : s / (a + s) = 1 - p) by (unfold p; field; lra).
  destruct (standard_model_sum a' s' Fa Fs) as [d1 [Hd1 E1]]. rewrite u_num in Hd1.
  assert (B1 := Rabs_le_inv _ _ Hea). assert (B2 := Rabs_le_inv _ _ Hes).
  assert (B3 := Rabs_le_inv _ _ Hd1).
  assert (A0 : 0 < a') by (rewrite Ea; apply Rmult_lt_0_compat; lra).
  assert (S0 : 0 <= s') by (rewrite Es; apply Rmult_le_pos; lra).
  set (den := RN (a' + s')) in *.
  assert (Hden : a' <= den).
  { unfold den. rewrite <- (RN_F64 a' Fa) at 1. apply RN_le. lra. }
  assert (big : bpow radix2 (-1022) * 2 <= bpow radix2 (-960)).
  { change 2 with (bpow radix2 1). rewrite <- bpow_plus. apply bpow_le. lia. }
  assert (tiny := bpow_gt_0 radix2 (-1022)).
  (* the quotient is normal, since q is *)
  assert (Z1 : a' / den <= 1).
  { apply (Rmult_le_reg_r den); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  assert (Z0 : bpow radix2 (-1022) <= a' / den).
  { apply Rnot_lt_le. intros L.
    assert (q <= RN (bpow radix2 (-1022))) by (apply RN_le; lra).
    rewrite RN_F64 in H; [lra|]. apply generic_format_bpow. unfold fexp, FLT_exp. lia. }
  assert (Q1 : q <= 1).
  { unfold q. rewrite <- (RN_F64 1); [apply RN_le; auto|].
    change 1 with (bpow radix2 0). apply generic_format_bpow. unfold fexp, FLT_exp. lia. }
  destruct (standard_model_normal (a' / den)) as [d2 [Hd2 E2]];
    [rewrite Rabs_pos_eq; lra|]. fold q in E2. rewrite u_num in Hd2.
  assert (B4 := Rabs_le_inv _ _ Hd2).
  assert (R := quotient_ratio p ea es d1 d2 ltac:(lra) Hea Hes Hd1 Hd2). cbv zeta in R.
  assert (E : q = p * ((1 + ea) / (1 + p * ea + (1 - p) * es) * (1 + d2) / (1 + d1))).
  { rewrite E2, E1, Ea, Es.
    assert (D1 : 1 + p * ea + (1 - p) * es = (a * (1 + ea) + s * (1 + es)) / (a + s)).
    { rewrite <- W. unfold p. field. lra. }
    rewrite D1. unfold p. field. rewrite <- Ea, <- Es. repeat split; lra. }
  set (rho := (1 + ea) / (1 + p * ea + (1 - p) * es) * (1 + d2) / (1 + d1)) in *.
  clearbody rho. clear E1 E2 Z0 Z1 Hden.
  set (X := v * (1 - p)). assert (HX : 0 <= X <= v) by (unfold X; lra).
  replace (8.9414 * v * (1 - p)) with (8.9414 * X) in R by (unfold X; ring).
  set (dm := (10 * v * (1 - q) + 4 * v) * (1 - bpow radix2 (-40))) in *.
  assert (forty : 0 < bpow radix2 (-40) <= / 1000000).
  { split; [apply bpow_gt_0|]. cbn. lra. }
  set (w := bpow radix2 (-40)) in *.
  assert (HQ : 1 - p - 12 * v <= 1 - q).
  { rewrite E. assert (p * rho <= p * (1 + 12 * v)) by (apply Rmult_le_compat_l; lra). nra. }
  assert (M : 9.9999 * X + 3.999 * v <= dm).
  { unfold dm. set (k := 10 * v * (1 - q) + 4 * v).
    assert (K : 10 * X + 3.9999 * v <= k) by (unfold k, X; lra).
    assert (K2 : k <= 14 * v) by (unfold k; assert (0 <= q) by (assert (Y := bpow_gt_0 radix2 (-960)); lra); lra).
    assert (k * w <= k * / 1000000) by (apply Rmult_le_compat_l; lra). lra. }
  assert (M2 : dm <= 14 * v).
  { unfold dm. assert (q0 : 0 < q) by (assert (Y := bpow_gt_0 radix2 (-960)); lra).
    assert (0 <= (10 * v * (1 - q) + 4 * v) * w) by (apply Rmult_le_pos; lra). lra. }
  clearbody dm w.
  assert (q0 : 0 < q) by (assert (Y := bpow_gt_0 radix2 (-960)); lra).
  assert (N : bpow radix2 (-1022) <= q * (1 - dm)).
  { assert (q * / 2 <= q * (1 - dm)) by (apply Rmult_le_compat_l; lra). lra. }
  assert (P1 : 0 <= 1 + rho) by lra.
  split.
  - (* below: monotone in delta, so the smallest delta is the worst *)
    apply Rle_trans with (RN (q * (1 - dm))); [apply RN_le; nra|].
    eapply Rle_trans; [apply RN_mid; lra|].
    rewrite E. replace (p * rho * (1 - dm) * (1 + v)) with (p * (rho * (1 - dm) * (1 + v))) by ring.
    rewrite <- (Rmult_1_r p) at 2. apply Rmult_le_compat_l; [lra|].
    apply Rle_trans with ((1 + 8.9414 * X + 2.0001 * v) * (1 - (9.9999 * X + 3.999 * v)) * (1 + v)).
    + apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat; lra.
    + clear - HX. nra.
  - apply Rle_trans with (RN (q * (1 + dm))); [|apply RN_le; nra].
    assert (Y : 0 <= q * dm) by (apply Rmult_le_pos; lra).
    eapply Rle_trans; [|apply RN_mid; lra].
    rewrite E. replace (p * rho * (1 + dm) * (1 - v)) with (p * (rho * (1 + dm) * (1 - v))) by ring.
    rewrite <- (Rmult_1_r p) at 1. apply Rmult_le_compat_l; [lra|].
    apply Rle_trans with ((1 - 8.9414 * X - 2 * v) * (1 + (9.9999 * X + 3.999 * v)) * (1 - v)).
    + clear - HX. nra.
    + apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat; lra.
Qed.

(* ---- terms too small to be kept ------------------------------------------------- *)
(* E is e^R or its approximation y: both are below 1.42 < 2, but not below 1 *)
Theorem flushed_term E k K : 0.7 <= E <= 1.42 -> (k - K <= -900)%Z ->
  0 < E * bpow radix2 (k - K) < bpow radix2 (-899).
Proof.
  intros HE Hk. assert (B := bpow_gt_0 radix2 (k - K)).
  assert (L : bpow radix2 (k - K) <= bpow radix2 (-900)) by (apply bpow_le; auto).
  change (-899)%Z with (-900 + 1)%Z. rewrite bpow_plus. change (bpow radix2 1) with 2.
  split; nra.
Qed.

(* 2^-900 would be wrong *)
Theorem flushed_term_needs_899 : exists E k K,
  0.7 <= E <= 1.42 /\ (k - K <= -900)%Z /\ bpow radix2 (-900) < E * bpow radix2 (k - K).
Proof.
  exists 1.4, (-900)%Z, 0%Z. repeat split; try lra; try lia.
  change (-900 - 0)%Z with (-900)%Z. assert (B := bpow_gt_0 radix2 (-900)). lra.
Qed.

Theorem flushed_quotient a s : 0 < a <= bpow radix2 (-899) -> 0.35 <= s ->
  a / (a + s) <= bpow radix2 (-897).
Proof.
  intros [Ha Ha2] Hs. change (-897)%Z with (-899 + 2)%Z. rewrite bpow_plus.
  change (bpow radix2 2) with 4.
  apply (Rmult_le_reg_r (a + s)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra.
Qed.

(* all flushed terms together do not show in a sum of at least .7 *)
Theorem flushed_sum n f S : (forall j, (j < n)%nat -> 0 <= f j <= bpow radix2 (-899)) ->
  INR n <= bpow radix2 40 -> 0.7 <= S ->
  0 <= sumn n f <= u * bpow radix2 (-800) * S.
Proof.
  intros Hf Hn HS. split; [apply sumn_nonneg; intros; apply Hf; auto|].
  apply Rle_trans with (INR n * bpow radix2 (-899)).
  - rewrite <- sumn_const. apply sumn_le. intros; apply Hf; auto.
  - apply Rle_trans with (bpow radix2 40 * bpow radix2 (-899)).
    + apply Rmult_le_compat_r; auto. apply bpow_ge_0.
    + unfold u. rewrite <- !bpow_plus. change (40 + -899)%Z with (-853 + -6)%Z.
      change (-53 + -800)%Z with (-853)%Z. rewrite bpow_plus.
      apply Rmult_le_compat_l; [apply bpow_ge_0|]. cbn. lra.
Qed.

(* ---- the sum itself --------------------------------------------------------------- *)
(* Each term is within the error of the exp kernel, or flushed; they are added by
   TwoSums (sum2_error). This is the S' that own_term_removal starts from. *)
Theorem kernel_sum n e t S' :
  (forall j, (j < n)%nat ->
     (0 <= e j /\ exists a, Rabs a <= 1.4412 * u /\ t j = e j * (1 + a)) \/
     (0 <= e j <= bpow radix2 (-899) /\ t j = 0)) ->
  INR n <= bpow radix2 24 -> 0.7 <= sumn n e ->
  Rabs (S' - sumn n t) <= u * sumn n t + 2 * (INR n * u) ^ 2 * sumn n t ->
  Rabs (S' - sumn n e) <= 2.6 * u * sumn n e.
Proof.
  intros Ht Hn HS H. assert (U := u_pos). set (b := bpow radix2 (-899)) in *.
  assert (b0 : 0 < b) by apply bpow_gt_0.
  assert (D : Rabs (sumn n t - sumn n e) <= 1.4412 * u * sumn n e + INR n * b).
  { rewrite <- sumn_minus, <- sumn_scal, <- sumn_const, <- sumn_plus.
    eapply Rle_trans; [apply sumn_abs|]. apply sumn_le. intros j Hj.
    destruct (Ht j Hj) as [[E [a [Ha ->]]]|[E ->]].
    - replace (e j * (1 + a) - e j) with (a * e j) by ring.
      rewrite Rabs_mult, (Rabs_pos_eq (e j)) by auto.
      assert (Rabs a * e j <= 1.4412 * u * e j) by (apply Rmult_le_compat_r; auto). lra.
    - replace (0 - e j) with (- e j) by ring. rewrite Rabs_Ropp, Rabs_pos_eq by lra.
      assert (0 <= 1.4412 * u * e j) by (apply Rmult_le_pos; lra). lra. }
  assert (T0 : 0 <= sumn n t).
  { apply sumn_nonneg. intros j Hj. destruct (Ht j Hj) as [[E [a [Ha ->]]]|[E ->]]; [|lra].
    apply Rabs_le_inv in Ha. rewrite u_num in Ha. apply Rmult_le_pos; lra. }
  set (S := sumn n e) in *. set (T := sumn n t) in *. clearbody S T.
  assert (F : INR n * b <= u * / 1000000 * S).
  { apply Rle_trans with (bpow radix2 24 * b); [apply Rmult_le_compat_r; lra|].
    unfold b, u. rewrite <- bpow_plus. change (24 + -899)%Z with (-53 + -822)%Z. rewrite bpow_plus.
    rewrite Rmult_assoc. apply Rmult_le_compat_l; [apply bpow_ge_0|].
    assert (bpow radix2 (-822) <= bpow radix2 (-40)) by (apply bpow_le; lia).
    assert (bpow radix2 (-40) <= / 10000000) by (cbn; lra). lra. }
  assert (N0 := pos_INR n).
  assert (Q : (INR n * u) ^ 2 <= / 32 * u).
  { assert (X : INR n * u <= bpow radix2 (-29)).
    { change (-29)%Z with (24 + -53)%Z. rewrite bpow_plus. apply Rmult_le_compat_r; auto. fold u. lra. }
    assert (X0 : 0 <= INR n * u) by (apply Rmult_le_pos; lra).
    replace ((INR n * u) ^ 2) with ((INR n * u) * (INR n * u)) by ring.
    apply Rle_trans with (bpow radix2 (-29) * bpow radix2 (-29)); [apply Rmult_le_compat; auto|].
    unfold u. rewrite <- bpow_plus. change (-29 + -29)%Z with (-5 + -53)%Z. rewrite bpow_plus.
    apply Rmult_le_compat_r; [apply bpow_ge_0|]. cbn. lra. }
  set (x := (INR n * u) ^ 2) in *. clearbody x. set (f := INR n * b) in *. clearbody f.
  assert (HT : Rabs (S' - T) <= 1.0625 * u * T).
  { eapply Rle_trans; [exact H|]. assert (2 * x * T <= 2 * (/ 32 * u) * T) by (apply Rmult_le_compat_r; lra). lra. }
  replace (S' - S) with ((S' - T) + (T - S)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite u_num in *.
  apply Rabs_le_inv in D. assert (D2 : Rabs (T - S) <= 1.4413 * v * S) by (apply Rabs_le; lra).
  lra.
Qed.
