(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* The best constant for given slopes of softmax_i over a box: T is the sum of e^{x_j} over
   the others, t = y - ln T, w_j the slopes of the others with their signs turned. *)
Require Import Reals Lra Lia Psatz Arith.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums Softmax Relaxations Unary Curves Envelope.
Open Scope R_scope.

(* ---- a line above: any r_j, v_j = e^{r_j}, V their sum -------------------------------- *)

Theorem any_multipliers n i k x r : (k < n)%nat -> k <> i ->
  others n i (fun j => exp (r j) * (x j - r j)) + rest n i r * ln (rest n i r)
    <= rest n i r * ln (rest n i x).
Proof.
  intros Hk Hki. assert (H := rest_tangent n i k x r Hk Hki).
  assert (P := rest_pos n i k r Hk Hki).
  rewrite (others_ext n i _ (fun j => / rest n i r * (exp (r j) * (x j - r j)))) in H
    by (intros; field; lra).
  rewrite others_scal in H.
  assert (M : rest n i r * (ln (rest n i r) + / rest n i r *
    others n i (fun j => exp (r j) * (x j - r j))) <= rest n i r * ln (rest n i x))
    by (apply Rmult_le_compat_l; lra).
  rewrite Rmult_plus_distr_l in M.
  replace (rest n i r * (/ rest n i r * others n i (fun j => exp (r j) * (x j - r j))))
    with (others n i (fun j => exp (r j) * (x j - r j))) in M by (field; lra).
  lra.
Qed.

(* a linear function on an interval is at most the larger of its values at the ends *)
Lemma linear_ends s l u x : l <= x <= u -> s * x <= Rmax (s * l) (s * u).
Proof.
  intros H. unfold Rmax. destruct (Rle_dec (s * l) (s * u)) as [A|A]; destruct (Rle_dec 0 s); nra.
Qed.

Theorem upper_piece n i k x r w a l u K : (i < n)%nat -> (k < n)%nat -> k <> i ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  let V := rest n i r in
  sigmoid (x i - ln (rest n i x)) - V * (x i - ln (rest n i x)) <= K ->
  softmax n x i - (a * x i - others n i (fun j => w j * x j))
    <= K + Rmax ((V - a) * l i) ((V - a) * u i) - V * ln V
       + others n i (fun j => Rmax ((w j - exp (r j)) * l j) ((w j - exp (r j)) * u j)
                              + exp (r j) * r j).
Proof.
  intros Hi Hk Hki H V HK. assert (M := any_multipliers n i k x r Hk Hki). fold V in M.
  rewrite softmax_sigmoid; auto; [|apply rest_pos with k; auto].
  assert (L := linear_ends (V - a) (l i) (u i) (x i) (H i Hi)).
  assert (S : others n i (fun j => w j * x j) - others n i (fun j => exp (r j) * (x j - r j)) <=
    others n i (fun j => Rmax ((w j - exp (r j)) * l j) ((w j - exp (r j)) * u j) + exp (r j) * r j)).
  { replace (others n i (fun j => w j * x j) - others n i (fun j => exp (r j) * (x j - r j)))
      with (others n i (fun j => (w j - exp (r j)) * x j + exp (r j) * r j)).
    - apply others_le. intros j Hj _.
      assert (B := linear_ends (w j - exp (r j)) (l j) (u j) (x j) (H j Hj)). lra.
    - unfold others. rewrite <- sumn_minus. apply sumn_ext. intros j _.
      destruct (Nat.eq_dec j i); ring. }
  lra.
Qed.

(* ---- the logistic function minus a line -------------------------------------------- *)

Definition dsigmoid t := exp (- t) / (1 + exp (- t)) ^ 2.

Lemma sigmoid_derive t : is_derive sigmoid t (dsigmoid t).
Proof.
  unfold sigmoid, dsigmoid. assert (E := exp_pos (- t)).
  auto_derive; [lra|]. field. lra.
Qed.

Lemma dsigmoid_mono s t : s <= t -> 1 <= exp (- s) * exp (- t) -> dsigmoid s <= dsigmoid t.
Proof.
  intros L P. unfold dsigmoid. assert (A := exp_pos (- s)). assert (B := exp_pos (- t)).
  assert (G : exp (- t) <= exp (- s)) by (apply exp_le; lra).
  set (p := exp (- s)) in *. set (q := exp (- t)) in *.
  apply Rmult_le_reg_r with ((1 + p) ^ 2 * (1 + q) ^ 2); [apply Rmult_lt_0_compat; apply pow_lt; lra|].
  replace (p / (1 + p) ^ 2 * ((1 + p) ^ 2 * (1 + q) ^ 2)) with (p * (1 + q) ^ 2) by (field; lra).
  replace (q / (1 + q) ^ 2 * ((1 + p) ^ 2 * (1 + q) ^ 2)) with (q * (1 + p) ^ 2) by (field; lra).
  nra.
Qed.

Lemma dsigmoid_even t : dsigmoid (- t) = dsigmoid t.
Proof.
  unfold dsigmoid. rewrite Ropp_involutive, exp_Ropp. assert (E := exp_pos t). field. lra.
Qed.

Lemma sigmoid_neg t : sigmoid (- t) = 1 - sigmoid t.
Proof.
  unfold sigmoid. rewrite Ropp_involutive, exp_Ropp. assert (E := exp_pos t). field. lra.
Qed.

(* convex below 0 *)
Theorem sigmoid_above_tangent t c : t <= 0 -> c <= 0 ->
  sigmoid c + dsigmoid c * (t - c) <= sigmoid t.
Proof.
  intros T C. apply (convex_above_tangent sigmoid dsigmoid (Rmin t c) 0).
  - intros s _. apply sigmoid_derive.
  - intros s u H. apply dsigmoid_mono; [lra|]. rewrite <- exp_plus, <- exp_0. apply exp_le. lra.
  - split; [apply Rmin_r|auto].
  - split; [apply Rmin_l|auto].
Qed.

(* concave above 0 *)
Theorem sigmoid_below_tangent t c : 0 <= t -> 0 <= c ->
  sigmoid t <= sigmoid c + dsigmoid c * (t - c).
Proof.
  intros T C. assert (H := sigmoid_above_tangent (- t) (- c) ltac:(lra) ltac:(lra)).
  rewrite !sigmoid_neg, dsigmoid_even in H. lra.
Qed.

(* the convex part less a line is largest at an end *)
Theorem convex_part_ends V t1 t2 t : t1 <= t <= t2 -> t2 <= 0 ->
  sigmoid t - V * t <= Rmax (sigmoid t1 - V * t1) (sigmoid t2 - V * t2).
Proof.
  intros H Z. assert (A := sigmoid_above_tangent t1 t ltac:(lra) ltac:(lra)).
  assert (B := sigmoid_above_tangent t2 t ltac:(lra) ltac:(lra)).
  set (d := dsigmoid t) in *. unfold Rmax.
  destruct (Rle_dec (sigmoid t1 - V * t1) (sigmoid t2 - V * t2)); destruct (Rle_dec V d); nra.
Qed.

(* the concave part is least there *)
Theorem concave_part_ends V t1 t2 t : t1 <= t <= t2 -> 0 <= t1 ->
  Rmin (sigmoid t1 - V * t1) (sigmoid t2 - V * t2) <= sigmoid t - V * t.
Proof.
  intros H Z. assert (A := sigmoid_below_tangent t1 t ltac:(lra) ltac:(lra)).
  assert (B := sigmoid_below_tangent t2 t ltac:(lra) ltac:(lra)).
  set (d := dsigmoid t) in *. unfold Rmin.
  destruct (Rle_dec (sigmoid t1 - V * t1) (sigmoid t2 - V * t2)); destruct (Rle_dec V d); nra.
Qed.

(* ---- below -------------------------------------------------------------------------- *)

Theorem concave_term_ends w beta l u x : 0 <= beta -> l <= x <= u ->
  Rmin (w * l - beta * exp l) (w * u - beta * exp u) <= w * x - beta * exp x.
Proof.
  intros B H. assert (C := exp_le_chord l u x H). destruct (Req_dec l u) as [E|E].
  - assert (x = l) by lra. subst. apply Rmin_l.
  - set (k := (exp u - exp l) / (u - l)).
    assert (K : k * (u - l) = exp u - exp l) by (unfold k; field; lra).
    assert (C' : exp x <= exp l + k * (x - l)) by (exact C).
    assert (D : beta * exp x <= beta * (exp l + k * (x - l))) by (apply Rmult_le_compat_l; auto).
    unfold Rmin. destruct (Rle_dec (w * l - beta * exp l) (w * u - beta * exp u)) as [G|G].
    + assert (0 <= (w - beta * k) * (x - l)); [|nra].
      apply Rmult_le_pos; [|lra]. apply Rmult_le_reg_r with (u - l); [lra|]. nra.
    + assert (0 <= (beta * k - w) * (u - x)); [|nra].
      apply Rmult_le_pos; [|lra]. apply Rmult_le_reg_r with (u - l); [lra|]. nra.
Qed.

Theorem corner_sum n i w beta l u x : 0 <= beta ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  beta * rest n i x +
    others n i (fun j => Rmin (w j * l j - beta * exp (l j)) (w j * u j - beta * exp (u j)))
    <= others n i (fun j => w j * x j).
Proof.
  intros B H. unfold rest. rewrite <- others_scal.
  replace (others n i (fun j => w j * x j)) with
    (others n i (fun j => beta * exp (x j)) + others n i (fun j => w j * x j - beta * exp (x j))).
  - apply Rplus_le_compat_l, others_le. intros j Hj _. apply concave_term_ends; auto.
  - unfold others. rewrite <- sumn_plus. apply sumn_ext. intros j _.
    destruct (Nat.eq_dec j i); ring.
Qed.

Theorem edge E S beta beta' s X : 0 < E -> 0 < S -> 0 <= s -> s * s = beta' * E ->
  (beta' <= beta /\ X <= S) \/ (beta <= beta' /\ S <= X) ->
  s * (2 - s) + (beta - beta') * X <= E / (E + S) + beta * S.
Proof.
  intros HE HS Hs Q D.
  assert (A : s * (2 - s) <= E / (E + S) + beta' * S).
  { set (p := E / (E + S)). assert (P : p * (E + S) = E) by (unfold p; field; lra).
    assert (0 <= p) by (unfold p; apply Rlt_le, Rdiv_lt_0_compat; lra).
    apply Rmult_le_reg_r with (E + S); [lra|].
    replace ((p + beta' * S) * (E + S)) with (E + beta' * S * (E + S)) by (rewrite <- P at 1; ring).
    apply Rmult_le_reg_r with E; [lra|].
    replace ((E + beta' * S * (E + S)) * E) with (E * E + s * s * S * (E + S)) by (rewrite Q; ring).
    assert (0 <= (E - s * (E + S)) * (E - s * (E + S))) by (apply Rle_0_sqr). nra. }
  assert (0 <= (beta - beta') * (S - X)); [|nra]. destruct D as [[? ?]|[? ?]]; nra.
Qed.

Theorem low_end beta a t ta l y : 0 <= beta -> t <= ta -> l <= y ->
  beta * exp (l - t) - a * l + Rmin 0 (beta * exp (l - ta) - a) * (y - l)
    <= beta * exp (y - t) - a * y.
Proof.
  intros B T L. assert (H := tangent_le_exp (l - t) (y - t)).
  assert (G : exp (l - ta) <= exp (l - t)) by (apply exp_le; lra).
  assert (M : beta * (exp (l - t) * (1 + (y - t - (l - t)))) <= beta * exp (y - t))
    by (apply Rmult_le_compat_l; auto).
  assert (N : beta * exp (l - ta) <= beta * exp (l - t)) by (apply Rmult_le_compat_l; auto).
  assert (Z := Rmin_r 0 (beta * exp (l - ta) - a)).
  assert (Rmin 0 (beta * exp (l - ta) - a) * (y - l) <= (beta * exp (l - t) - a) * (y - l))
    by (apply Rmult_le_compat_r; lra). nra.
Qed.

Theorem high_end beta a t tb u y : 0 <= beta -> tb <= t -> y <= u ->
  beta * exp (u - t) - a * u - Rmax 0 (beta * exp (u - tb) - a) * (u - y)
    <= beta * exp (y - t) - a * y.
Proof.
  intros B T L. assert (H := tangent_le_exp (u - t) (y - t)).
  assert (G : exp (u - t) <= exp (u - tb)) by (apply exp_le; lra).
  assert (M : beta * (exp (u - t) * (1 + (y - t - (u - t)))) <= beta * exp (y - t))
    by (apply Rmult_le_compat_l; auto).
  assert (N : beta * exp (u - t) <= beta * exp (u - tb)) by (apply Rmult_le_compat_l; auto).
  assert (Z := Rmax_r 0 (beta * exp (u - tb) - a)).
  assert ((beta * exp (u - t) - a) * (u - y) <= Rmax 0 (beta * exp (u - tb) - a) * (u - y))
    by (apply Rmult_le_compat_r; lra). nra.
Qed.

Theorem between_ends a beta S : 0 < a -> 0 < beta -> 0 < S ->
  a - a * ln (a / beta) <= beta * S - a * ln S.
Proof.
  intros A B P. assert (Q : 0 < a / beta) by (apply Rdiv_lt_0_compat; auto).
  assert (H := ln_le_tangent S (a / beta) P Q).
  assert (M : a * ln S <= a * (ln (a / beta) + (S - a / beta) / (a / beta)))
    by (apply Rmult_le_compat_l; lra).
  replace (a * (ln (a / beta) + (S - a / beta) / (a / beta)))
    with (a * ln (a / beta) + beta * S - a) in M by (field; lra).
  lra.
Qed.

(* pieces of the t axis: what holds on each holds everywhere *)
Theorem pieces (P : R -> Prop) (t : nat -> R) m :
  (forall s, s <= t 0%nat -> P s) ->
  (forall k s, (k < m)%nat -> t k <= s <= t (S k) -> P s) ->
  (forall s, t m <= s -> P s) -> forall s, P s.
Proof.
  intros A B C s. assert (H : forall k, (k <= m)%nat -> s <= t k -> P s).
  { induction k; intros K L; auto.
    destruct (Rle_lt_dec s (t k)) as [G|G]; [apply IHk; auto; lia|].
    apply (B k); [lia|lra]. }
  destruct (Rle_lt_dec s (t m)) as [G|G]; [apply (H m); auto|apply C; lra].
Qed.
