(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* The rounding of the interval softmax kernel, around the real-number theorems
   of Softmax.v: own term taken out of a sum, final quotient and its inflation,
   terms too small to be kept. *)
Require Import Reals Lra Lia Arith ZArith.
From Flocq Require Import Core.
From Softbox Require Import Sums Rounding ExpKernel.
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
