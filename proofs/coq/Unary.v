(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Affine bounds of functions of one variable, and of the product of two. *)
Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums Softmax Relaxations.
Open Scope R_scope.

(* ---- ReLU and LeakyReLU: slope s on the left, 1 on the right -------------------- *)
Definition leaky (s x : R) := if Rle_dec 0 x then x else s * x.

Theorem leaky_lower s a x : s <= a <= 1 -> a * x <= leaky s x.
Proof. intros H. unfold leaky. destruct (Rle_dec 0 x); nra. Qed.

Theorem leaky_upper s l u x : s <= 1 -> l <= 0 <= u -> l < u -> l <= x <= u ->
  leaky s x <= s * l + (u - s * l) / (u - l) * (x - l).
Proof.
  intros Hs Hz Hlu Hx. set (k := (u - s * l) / (u - l)).
  assert (K : k * (u - l) = u - s * l) by (unfold k; field; lra).
  assert (K1 : s <= k <= 1).
  { split; apply (Rmult_le_reg_r (u - l)); try lra; rewrite K; nra. }
  unfold leaky. destruct (Rle_dec 0 x); [|nra].
  replace (s * l + k * (x - l)) with (u - k * (u - x)) by lra. nra.
Qed.

(* ---- sigmoid ---------------------------------------------------------------------- *)
Definition sigmoid x := / (1 + exp (- x)).

Lemma sigmoid_range x : 0 < sigmoid x < 1.
Proof.
  assert (E := exp_pos (- x)). unfold sigmoid. split; [apply Rinv_0_lt_compat; lra|].
  rewrite <- Rinv_1. apply Rinv_lt_contravar; lra.
Qed.

Lemma sigmoid_neg x : sigmoid (- x) = 1 - sigmoid x.
Proof.
  unfold sigmoid. rewrite Ropp_involutive, exp_Ropp. assert (E := exp_pos x). field. lra.
Qed.

Lemma sigmoid_derive x : is_derive sigmoid x (sigmoid x * (1 - sigmoid x)).
Proof.
  unfold sigmoid. assert (E := exp_pos (- x)). auto_derive; [lra|]. field. lra.
Qed.

Lemma sigmoid_logit x : x = ln (sigmoid x / (1 - sigmoid x)).
Proof.
  assert (E := exp_pos (- x)). unfold sigmoid.
  replace (/ (1 + exp (- x)) / (1 - / (1 + exp (- x)))) with (/ exp (- x)) by (field; lra).
  rewrite <- exp_Ropp, Ropp_involutive, ln_exp. reflexivity.
Qed.

(* the positive point with sigmoid' = a: 2 artanh(sqrt(1 - 4a)) *)
Definition crit a := ln ((1 + sqrt (1 - 4 * a)) / (1 - sqrt (1 - 4 * a))).

Lemma sigmoid_slope_points a x : sigmoid x * (1 - sigmoid x) = a ->
  0 < a <= 1 / 4 /\ (x = crit a \/ x = - crit a).
Proof.
  intros H. assert (R := sigmoid_range x). set (p := sigmoid x) in *.
  assert (A : 0 < a <= 1 / 4).
  { rewrite <- H. split; [nra|]. assert (Q := Rle_0_sqr (2 * p - 1)). unfold Rsqr in Q. lra. }
  split; auto. assert (L := sigmoid_logit x). fold p in L.
  assert (S : (2 * p - 1) * (2 * p - 1) = 1 - 4 * a) by (rewrite <- H; ring).
  unfold crit. rewrite <- S. fold (Rsqr (2 * p - 1)). rewrite sqrt_Rsqr_abs.
  unfold Rabs. destruct (Rcase_abs (2 * p - 1)).
  - right. rewrite <- ln_Rinv.
    + rewrite L at 1. f_equal. field. lra.
    + apply Rdiv_lt_0_compat; lra.
  - left. rewrite L at 1. f_equal. field. lra.
Qed.

(* max of sigmoid(x) - a x over [l,u] is at l, at u, or where the slope is a *)
Theorem sigmoid_affine_upper a b l u : l <= u ->
  sigmoid l <= a * l + b -> sigmoid u <= a * u + b ->
  (0 < a <= 1 / 4 -> forall z, z = crit a \/ z = - crit a -> l <= z <= u ->
     sigmoid z <= a * z + b) ->
  forall x, l <= x <= u -> sigmoid x <= a * x + b.
Proof.
  intros Hlu Hl Hu Hz x Hx. set (f := fun t => sigmoid t - a * t).
  assert (D : forall t, is_derive f t (sigmoid t * (1 - sigmoid t) - a)).
  { intros t. unfold f. apply (is_derive_minus (V := R_NormedModule) sigmoid (fun t => a * t)).
    - apply sigmoid_derive.
    - auto_derive; auto; ring. }
  destruct (continuity_ab_maj f l u Hlu) as [M [HM HMr]].
  { intros t _. apply continuity_pt_filterlim, (ex_derive_continuous f t).
    eexists; apply D. }
  assert (G : f M <= b).
  { destruct (Req_dec M l) as [->|Ml]; [unfold f; lra|].
    destruct (Req_dec M u) as [->|Mu]; [unfold f; lra|].
    assert (D' := D M). apply is_derive_Reals in D'.
    assert (Z := deriv_maximum f l u M (exist _ _ D') ltac:(lra) ltac:(lra)
                   ltac:(intros; apply HM; lra)).
    cbn in Z. destruct (sigmoid_slope_points a M ltac:(lra)) as [A P].
    specialize (Hz A M P ltac:(lra)). unfold f. lra. }
  specialize (HM x Hx). unfold f in HM, G. lra.
Qed.

Theorem sigmoid_affine_lower a b l u : l <= u ->
  a * l + b <= sigmoid l -> a * u + b <= sigmoid u ->
  (0 < a <= 1 / 4 -> forall z, z = crit a \/ z = - crit a -> l <= z <= u ->
     a * z + b <= sigmoid z) ->
  forall x, l <= x <= u -> a * x + b <= sigmoid x.
Proof.
  intros Hlu Hl Hu Hz x Hx.
  assert (H : sigmoid (- x) <= a * (- x) + (1 - b)).
  { apply (sigmoid_affine_upper a (1 - b) (- u) (- l)); try lra.
    - rewrite sigmoid_neg. lra.
    - rewrite sigmoid_neg. lra.
    - intros A z P Q. specialize (Hz A (- z)). replace z with (- - z) at 1 by ring.
      rewrite sigmoid_neg. assert (a * - z + b <= sigmoid (- z)); [|lra].
      apply Hz; [destruct P; [right|left]; lra|lra]. }
  rewrite sigmoid_neg in H. lra.
Qed.

(* ---- tanh x = 2 sigmoid(2x) - 1 ------------------------------------------------------ *)
Lemma tanh_sigmoid x : tanh x = 2 * sigmoid (2 * x) - 1.
Proof.
  unfold tanh, sinh, cosh, sigmoid. assert (E := exp_pos x).
  replace (exp (- (2 * x))) with (/ exp x * / exp x).
  2:{ rewrite <- exp_Ropp, <- exp_plus. f_equal. ring. }
  rewrite exp_Ropp. assert (0 < exp x * exp x) by nra. field. lra.
Qed.

(* artanh(sqrt(1 - a)) is half of crit (a/4) *)
Definition tanh_crit a := ln ((1 + sqrt (1 - a)) / (1 - sqrt (1 - a))) / 2.

Lemma tanh_crit_alt a : 2 * tanh_crit a = crit (a / 4).
Proof. unfold tanh_crit, crit. replace (1 - 4 * (a / 4)) with (1 - a) by field. field. Qed.

Theorem tanh_affine_upper a b l u : l <= u ->
  tanh l <= a * l + b -> tanh u <= a * u + b ->
  (0 < a <= 1 -> forall z, z = tanh_crit a \/ z = - tanh_crit a -> l <= z <= u ->
     tanh z <= a * z + b) ->
  forall x, l <= x <= u -> tanh x <= a * x + b.
Proof.
  intros Hlu Hl Hu Hz x Hx. rewrite tanh_sigmoid in *.
  assert (H : sigmoid (2 * x) <= a / 4 * (2 * x) + (b + 1) / 2); [|lra].
  apply (sigmoid_affine_upper _ _ (2 * l) (2 * u)); try lra.
  intros A z P Q. assert (T := tanh_crit_alt a).
  specialize (Hz ltac:(lra) (z / 2) ltac:(destruct P; [left|right]; lra) ltac:(lra)).
  rewrite tanh_sigmoid in Hz. replace (2 * (z / 2)) with z in Hz by field. lra.
Qed.

Theorem tanh_affine_lower a b l u : l <= u ->
  a * l + b <= tanh l -> a * u + b <= tanh u ->
  (0 < a <= 1 -> forall z, z = tanh_crit a \/ z = - tanh_crit a -> l <= z <= u ->
     a * z + b <= tanh z) ->
  forall x, l <= x <= u -> a * x + b <= tanh x.
Proof.
  intros Hlu Hl Hu Hz x Hx. rewrite tanh_sigmoid in *.
  assert (H : a / 4 * (2 * x) + (b + 1) / 2 <= sigmoid (2 * x)); [|lra].
  apply (sigmoid_affine_lower _ _ (2 * l) (2 * u)); try lra.
  intros A z P Q. assert (T := tanh_crit_alt a).
  specialize (Hz ltac:(lra) (z / 2) ltac:(destruct P; [left|right]; lra) ltac:(lra)).
  rewrite tanh_sigmoid in Hz. replace (2 * (z / 2)) with z in Hz by field. lra.
Qed.

(* ---- logarithm, reciprocal, square root on a positive interval ----------------------- *)
Theorem ln_chord l u x : 0 < l < u -> l <= x <= u ->
  ln l + (ln u - ln l) / (u - l) * (x - l) <= ln x.
Proof.
  intros Hl Hx. assert (L := ln_le_tangent l x ltac:(lra) ltac:(lra)).
  assert (U := ln_le_tangent u x ltac:(lra) ltac:(lra)).
  assert (A : (u - x) * ln l <= (u - x) * (ln x + (l - x) / x)) by (apply Rmult_le_compat_l; lra).
  assert (B : (x - l) * ln u <= (x - l) * (ln x + (u - x) / x)) by (apply Rmult_le_compat_l; lra).
  apply (Rmult_le_reg_r (u - l)); [lra|].
  replace ((ln l + (ln u - ln l) / (u - l) * (x - l)) * (u - l))
    with ((u - x) * ln l + (x - l) * ln u) by (field; lra).
  replace (ln x * (u - l))
    with ((u - x) * (ln x + (l - x) / x) + (x - l) * (ln x + (u - x) / x)) by (field; lra).
  lra.
Qed.

Theorem recip_chord l u x : 0 < l -> l <= x <= u -> 1 / x <= 1 / l + 1 / u - x / (l * u).
Proof.
  intros Hl Hx. assert (P : 0 < l * u) by nra.
  apply (Rmult_le_reg_r (x * (l * u))); [apply Rmult_lt_0_compat; lra|].
  replace (1 / x * (x * (l * u))) with (l * u) by (field; lra).
  replace ((1 / l + 1 / u - x / (l * u)) * (x * (l * u))) with (u * x + l * x - x * x) by (field; lra).
  nra.
Qed.

Theorem sqrt_tangent c x : 0 < c -> 0 <= x -> sqrt x <= (x + c) / (2 * sqrt c).
Proof.
  intros Hc Hx. assert (C := sqrt_lt_R0 c Hc). assert (C2 := sqrt_sqrt c ltac:(lra)).
  assert (X := sqrt_pos x). assert (X2 := sqrt_sqrt x Hx).
  set (a := sqrt c) in *. set (b := sqrt x) in *.
  apply (Rmult_le_reg_r (2 * a)); [lra|].
  replace ((x + c) / (2 * a) * (2 * a)) with (x + c) by (field; lra).
  assert (0 <= (a - b) * (a - b)) by apply Rle_0_sqr. lra.
Qed.

Theorem sqrt_chord l u x : 0 <= l -> l < u -> l <= x <= u ->
  sqrt l + (x - l) / (sqrt l + sqrt u) <= sqrt x.
Proof.
  intros Hl Hlu Hx. assert (A := sqrt_pos l). assert (B := sqrt_lt_R0 u ltac:(lra)).
  assert (A2 := sqrt_sqrt l Hl). assert (X2 := sqrt_sqrt x ltac:(lra)).
  assert (L1 : sqrt l <= sqrt x) by (apply sqrt_le_1; lra).
  assert (L2 : sqrt x <= sqrt u) by (apply sqrt_le_1; lra).
  set (a := sqrt l) in *. set (b := sqrt u) in *. set (y := sqrt x) in *.
  apply (Rmult_le_reg_r (a + b)); [lra|].
  replace ((a + (x - l) / (a + b)) * (a + b)) with (a * (a + b) + (x - l)) by (field; lra).
  rewrite <- X2, <- A2. nra.
Qed.

(* ---- the product of two variables ------------------------------------------------------ *)
Theorem mccormick lx ux ly uy x y t : lx <= x <= ux -> ly <= y <= uy -> 0 <= t <= 1 ->
  t * (lx * y + ly * x - lx * ly) + (1 - t) * (ux * y + uy * x - ux * uy) <= x * y /\
  x * y <= t * (ux * y + ly * x - ux * ly) + (1 - t) * (lx * y + uy * x - lx * uy).
Proof.
  intros Hx Hy Ht.
  assert (A : 0 <= (x - lx) * (y - ly)) by (apply Rmult_le_pos; lra).
  assert (B : 0 <= (ux - x) * (uy - y)) by (apply Rmult_le_pos; lra).
  assert (C : 0 <= (ux - x) * (y - ly)) by (apply Rmult_le_pos; lra).
  assert (D : 0 <= (x - lx) * (uy - y)) by (apply Rmult_le_pos; lra).
  assert (0 <= t * ((x - lx) * (y - ly))) by (apply Rmult_le_pos; lra).
  assert (0 <= (1 - t) * ((ux - x) * (uy - y))) by (apply Rmult_le_pos; lra).
  assert (0 <= t * ((ux - x) * (y - ly))) by (apply Rmult_le_pos; lra).
  assert (0 <= (1 - t) * ((x - lx) * (uy - y))) by (apply Rmult_le_pos; lra).
  split; lra.
Qed.
