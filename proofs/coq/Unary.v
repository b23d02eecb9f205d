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

(* ---- the logistic function ---------------------------------------------------------- *)
Definition sigmoid x := / (1 + exp (- x)).

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
