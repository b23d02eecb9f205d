(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* What the planes of one row of softmax rest on: log-sum-exp over linear functions less
   an entropy, and e / (e + A) as a function of A. *)
Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums Softmax Relaxations.
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
