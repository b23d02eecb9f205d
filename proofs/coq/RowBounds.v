(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* What the planes of one row of softmax rest on: log-sum-exp over linear functions less
   an entropy, and e / (e + A) as a function of A. *)
Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums Softmax Relaxations Unary Curves.
Open Scope R_scope.

(* w ln (e^t / w) <= e^t - w, also for w = 0 *)
Lemma gibbs_term w t : 0 <= w -> w * (t - ln w) <= exp t - w.
Proof.
  intros [Hw|Hw].
  - assert (E := exp_ge_1px (t - ln w)).
    assert (M : w * (1 + (t - ln w)) <= w * exp (t - ln w)) by (apply Rmult_le_compat_l; lra).
    replace (w * exp (t - ln w)) with (exp t) in M; [lra|].
    unfold Rminus. rewrite exp_plus, exp_Ropp, exp_ln by auto. field. lra.
  - subst w. assert (E := exp_pos t). lra.
Qed.

(* Gibbs: any weights w >= 0 with sum 1 *)
Theorem lse_entropy n x w : (0 < n)%nat -> (forall j, (j < n)%nat -> 0 <= w j) ->
  sumn n w = 1 ->
  sumn n (fun j => w j * x j) - sumn n (fun j => w j * ln (w j)) <= lse n x.
Proof.
  intros Hn Hw H1. set (L := lse n x). assert (S := sumexp_pos n x Hn).
  assert (E : sumn n (fun j => exp (x j - L)) = 1).
  { rewrite (sumn_ext n _ (fun j => exp (- L) * exp (x j))).
    2:{ intros. rewrite <- exp_plus. f_equal. ring. }
    rewrite sumn_scal. unfold L, lse. rewrite exp_Ropp, exp_ln by auto. field. lra. }
  assert (G : sumn n (fun j => w j * (x j - L - ln (w j))) <= sumn n (fun j => exp (x j - L) + -1 * w j)).
  { apply sumn_le. intros j Hj. assert (T := gibbs_term (w j) (x j - L) (Hw j Hj)). lra. }
  rewrite sumn_plus, sumn_scal, E, H1 in G.
  rewrite (sumn_ext n _ (fun j => (w j * x j + -1 * (w j * ln (w j))) + - L * w j)) in G by (intros; ring).
  rewrite !sumn_plus, !sumn_scal, H1 in G. lra.
Qed.

(* e / (e + A) lies over its tangents in A *)
Theorem row_tangent e A A0 : 0 < e -> 0 <= A -> 0 <= A0 ->
  e / (e + A0) - e / ((e + A0) * (e + A0)) * (A - A0) <= e / (e + A).
Proof.
  intros He HA H0. assert (T := recip_tangent (e + A) (e + A0) ltac:(lra) ltac:(lra)).
  assert (M := Rmult_le_compat_l e _ _ (Rlt_le _ _ He) T).
  replace (e * (1 / (e + A0) - (e + A - (e + A0)) / ((e + A0) * (e + A0))))
    with (e / (e + A0) - e / ((e + A0) * (e + A0)) * (A - A0)) in M by (field; lra).
  replace (e * (1 / (e + A))) with (e / (e + A)) in M by (field; lra). exact M.
Qed.

(* its least value with a line in A, attained where e / (e + A) = sqrt (b e) *)
Theorem row_minimum e b A : 0 < e -> 0 < b -> 0 <= A ->
  2 * sqrt (b * e) - b * e <= e / (e + A) + b * A.
Proof.
  intros He Hb HA. rewrite sqrt_mult by lra.
  assert (Ee : sqrt e * sqrt e = e) by (apply sqrt_sqrt; lra).
  assert (Eb : sqrt b * sqrt b = b) by (apply sqrt_sqrt; lra).
  set (r := sqrt e) in *. set (q := sqrt b) in *. rewrite <- Ee, <- Eb in *. 
  assert (S : 0 < r * r + A) by lra. set (s := r * r + A) in *.
  replace A with (s - r * r) by (unfold s; ring).
  apply Rmult_le_reg_r with s; auto.
  replace ((r * r / s + q * q * (s - r * r)) * s) with (r * r + q * q * (s - r * r) * s) by (field; lra).
  assert (Q : 0 <= (r - q * s) * (r - q * s)) by apply Rle_0_sqr. nra.
Qed.

(* ---- the logistic function: convex up to 0, concave from 0 on -------------------- *)
Lemma sigmoid_derive t : is_derive sigmoid t (sigmoid t * (1 - sigmoid t)).
Proof.
  unfold sigmoid. assert (E := exp_pos (- t)). auto_derive; [lra|]. field. lra.
Qed.

Lemma sigmoid_range t : 0 < sigmoid t < 1.
Proof.
  unfold sigmoid. assert (E := exp_pos (- t)). split; [apply Rinv_0_lt_compat; lra|].
  rewrite <- Rinv_1 at 2. apply Rinv_lt_contravar; lra.
Qed.

Lemma sigmoid_le s t : s <= t -> sigmoid s <= sigmoid t.
Proof.
  intros H. unfold sigmoid. assert (E := exp_pos (- t)). apply Rinv_le_contravar; [lra|].
  assert (exp (- t) <= exp (- s)); [|lra].
  destruct H as [H|H]; [left; apply exp_increasing; lra|subst; lra].
Qed.

Lemma sigmoid_0 : sigmoid 0 = / 2.
Proof. unfold sigmoid. rewrite Ropp_0, exp_0. f_equal. Qed.

Theorem logistic_tangent r t : 0 <= r -> 0 <= t ->
  sigmoid t <= sigmoid r + sigmoid r * (1 - sigmoid r) * (t - r).
Proof.
  intros Hr Ht. set (hi := Rmax r t).
  assert (R1 := Rmax_l r t). assert (R2 := Rmax_r r t). fold hi in R1, R2.
  assert (T := convex_above_tangent (fun x => - sigmoid x)
    (fun x => - (sigmoid x * (1 - sigmoid x))) 0 hi r t).
  assert (G : - sigmoid r + - (sigmoid r * (1 - sigmoid r)) * (t - r) <= - sigmoid t); [|lra].
  apply T; try lra.
  - intros x _. apply (is_derive_opp sigmoid x). apply sigmoid_derive.
  - intros a b H. assert (A := sigmoid_le 0 a ltac:(lra)). assert (B := sigmoid_le a b ltac:(lra)).
    rewrite sigmoid_0 in A. nra.
Qed.

Theorem logistic_chord a b s v t : a <= t <= b -> b <= 0 ->
  sigmoid a - s * a <= v -> sigmoid b - s * b <= v -> sigmoid t - s * t <= v.
Proof.
  intros Ht Hb A B.
  assert (C := concave_bound (fun x => - (sigmoid x - s * x))
    (fun x => - (sigmoid x * (1 - sigmoid x) - s)) a b (- v) t).
  assert (- v <= - (sigmoid t - s * t)); [|lra].
  apply C; try lra.
  - intros x _. apply (is_derive_opp (fun y => sigmoid y - s * y) x).
    apply (is_derive_minus sigmoid (fun y => s * y) x); [apply sigmoid_derive|].
    auto_derive; [auto|ring].
  - intros p q H. assert (P := sigmoid_le p q ltac:(lra)). assert (Q := sigmoid_le q 0 ltac:(lra)).
    rewrite sigmoid_0 in Q. nra.
Qed.

(* a function that is convex up to h and concave from there on, by a tangent on its convex
   part and its value at the upper end *)
Theorem bend_bound f df lo h hi y r v x : slopes f df lo hi -> lo <= h <= hi ->
  (forall s t, lo <= s <= t /\ t <= h -> df s <= df t) ->
  (forall s t, h <= s <= t /\ t <= hi -> df t <= df s) ->
  lo <= y <= h -> lo <= x <= hi -> r <= 0 -> r <= df y * (hi - y) -> r <= - df y * (y - lo) ->
  v <= f y + r -> v <= f hi -> v <= f x.
Proof.
  intros S H Up Down Y X R0 Rh Rl V Vh.
  assert (L : forall z, lo <= z <= h -> v <= f z).
  { intros z Z. assert (T := convex_above_tangent f df lo h y z
      (slopes_part _ _ _ _ _ _ S (Rle_refl _) (proj2 H)) Up Y Z).
    assert (r <= df y * (z - y)); [|lra].
    destruct (Rle_lt_dec y z); destruct (Rle_lt_dec 0 (df y)); nra. }
  destruct (Rle_lt_dec x h) as [A|A]; [apply L; lra|].
  apply (concave_bound f df h hi); auto; try lra.
  - apply (slopes_part _ _ _ _ _ _ S); lra.
  - apply L; lra.
Qed.
