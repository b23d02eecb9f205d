(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Bounds of softmax_i through one or two numbers: the logistic function of
   t = x_i - ln T, and the quotient e^y / (e^y + A), T the sum of the other terms. *)
Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums Softmax Relaxations Unary.
Open Scope R_scope.

Definition rest n i (x : nat -> R) := others n i (fun j => exp (x j)).

Lemma rest_pos n i k x : (k < n)%nat -> k <> i -> 0 < rest n i x.
Proof.
  intros Hk Hki. unfold rest, others. rewrite (sumn_split n k) by auto.
  destruct (Nat.eq_dec k i); [congruence|]. assert (E := exp_pos (x k)).
  match goal with |- 0 < exp (x k) + ?s => assert (0 <= s); [|lra] end.
  apply others_nonneg. intros j _ _. destruct (Nat.eq_dec j i); [lra|left; apply exp_pos].
Qed.

Lemma rest_le n i x y : (forall j, (j < n)%nat -> j <> i -> x j <= y j) ->
  rest n i x <= rest n i y.
Proof. intros H. apply others_le. intros. apply exp_le; auto. Qed.

Theorem softmax_sigmoid n x i : (i < n)%nat -> 0 < rest n i x ->
  softmax n x i = sigmoid (x i - ln (rest n i x)).
Proof.
  intros Hi HT. unfold softmax, sigmoid. rewrite (sumn_split n i) by auto. fold (rest n i x).
  replace (- (x i - ln (rest n i x))) with (ln (rest n i x) + - x i) by ring.
  rewrite exp_plus, exp_ln, exp_Ropp by auto. assert (E := exp_pos (x i)). field. lra.
Qed.

(* the range of t over a box *)
Theorem logit_range n l u x i k : (i < n)%nat -> (k < n)%nat -> k <> i ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  l i - ln (rest n i u) <= x i - ln (rest n i x) <= u i - ln (rest n i l).
Proof.
  intros Hi Hk Hki H. assert (Hx := H i Hi).
  assert (A : ln (rest n i x) <= ln (rest n i u)).
  { apply ln_le'; [apply rest_pos with k; auto|]. apply rest_le. intros; apply H; auto. }
  assert (B : ln (rest n i l) <= ln (rest n i x)).
  { apply ln_le'; [apply rest_pos with k; auto|]. apply rest_le. intros; apply H; auto. }
  lra.
Qed.

(* ln T is convex, too: its tangent plane at c *)
Theorem rest_tangent n i k x c : (k < n)%nat -> k <> i ->
  ln (rest n i c) + others n i (fun j => exp (c j) / rest n i c * (x j - c j))
    <= ln (rest n i x).
Proof.
  intros Hk Hki. assert (P := rest_pos n i k c Hk Hki).
  set (d := others n i (fun j => exp (c j) / rest n i c * (x j - c j))).
  set (s := rest n i c) in *.
  assert (E : s * exp d <= rest n i x).
  { apply Rle_trans with (others n i (fun j => exp (c j) * (exp d * (1 + (x j - c j - d))))).
    - right.
      rewrite (others_ext n i _ (fun j => exp d * ((1 - d) * exp (c j) + s * (exp (c j) / s * (x j - c j)))))
        by (intros; field; lra).
      rewrite others_scal. unfold others at 1.
      rewrite (sumn_ext n _ (fun j => (1 - d) * (if Nat.eq_dec j i then 0 else exp (c j)) +
        s * (if Nat.eq_dec j i then 0 else exp (c j) / s * (x j - c j))))
        by (intros j _; destruct (Nat.eq_dec j i); ring).
      rewrite sumn_plus, !sumn_scal. fold (others n i (fun j => exp (c j))).
      fold (others n i (fun j => exp (c j) / s * (x j - c j))). fold d. fold (rest n i c). fold s. ring.
    - apply others_le. intros j _ _.
      replace (exp (x j)) with (exp (c j) * exp (x j - c j)).
      + apply Rmult_le_compat_l; [left; apply exp_pos|apply tangent_le_exp].
      + rewrite <- exp_plus. f_equal; ring. }
  rewrite <- (ln_exp d) at 1. rewrite <- ln_mult by auto using exp_pos.
  apply ln_le'; auto. apply Rmult_lt_0_compat; auto using exp_pos.
Qed.

(* Any rising line over the logistic function on the range of t gives an affine upper
   bound of softmax; when a line is one follows from Curves.v. *)
Theorem env_upper n x i k c a b tl tu : (i < n)%nat -> (k < n)%nat -> k <> i -> 0 <= a ->
  tl <= x i - ln (rest n i x) <= tu ->
  (forall t, tl <= t <= tu -> sigmoid t <= a * t + b) ->
  softmax n x i <=
    a * (x i - (ln (rest n i c) + others n i (fun j => exp (c j) / rest n i c * (x j - c j)))) + b.
Proof.
  intros Hi Hk Hki Ha Ht H. rewrite softmax_sigmoid; auto; [|apply rest_pos with k; auto].
  eapply Rle_trans; [apply H; auto|]. apply Rplus_le_compat_r, Rmult_le_compat_l; auto.
  assert (T := rest_tangent n i k x c Hk Hki). lra.
Qed.

(* Any plane under e^y / (e^y + A) on the ranges of y = x_i and of the chord sum A gives
   an affine lower bound of softmax. *)
Theorem plane_lower n x l u i al be ga : (i < n)%nat ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  (forall A y, rest n i l <= A <= rest n i u -> l i <= y <= u i ->
     al + be * A + ga * y <= exp y / (exp y + A)) ->
  al + be * others n i (fun j => chord (l j) (u j) (x j)) + ga * x i <= softmax n x i.
Proof.
  intros Hi H HP. set (A := others n i (fun j => chord (l j) (u j) (x j))).
  assert (A1 : rest n i x <= A).
  { apply others_le. intros. apply exp_le_chord; auto. }
  assert (A2 : rest n i l <= rest n i x) by (apply rest_le; intros; apply H; auto).
  assert (A3 : A <= rest n i u).
  { apply others_le. intros j Hj _. specialize (H j Hj).
    eapply Rle_trans; [apply (chord_increasing _ _ _ (u j)); lra|].
    unfold chord. destruct (Req_dec (l j) (u j)) as [E|E].
    - rewrite E. unfold Rdiv. lra.
    - right. field. lra. }
  assert (A0 : 0 <= rest n i x) by (apply others_nonneg; intros; left; apply exp_pos).
  eapply Rle_trans; [apply HP; [lra|apply H; auto]|].
  unfold softmax. rewrite (sumn_split n i) by auto. fold (rest n i x).
  assert (E := exp_pos (x i)). apply Rdiv_le_r; lra.
Qed.

(* Weak duality for the best affine bounds: on sum e^{x_j} <= T every multiplier mu >= 0
   separates the coordinates, and each has a bound in closed form. *)
Theorem weak_duality n w x mu T : 0 <= mu -> sumn n (fun j => exp (x j)) <= T ->
  sumn n (fun j => w j * x j) <= mu * T + sumn n (fun j => w j * x j - mu * exp (x j)).
Proof.
  intros Hm HT. rewrite sumn_minus, sumn_scal.
  assert (mu * sumn n (fun j => exp (x j)) <= mu * T) by (apply Rmult_le_compat_l; auto). lra.
Qed.

Theorem weak_duality_term w mu x : 0 < mu -> 0 < w ->
  w * x - mu * exp x <= w * ln (w / mu) - w.
Proof.
  intros Hm Hw. assert (Q : 0 < w / mu) by (apply Rdiv_lt_0_compat; auto).
  assert (T := tangent_le_exp (ln (w / mu)) x). rewrite exp_ln in T by auto.
  assert (M : mu * (w / mu * (1 + (x - ln (w / mu)))) <= mu * exp x) by (apply Rmult_le_compat_l; lra).
  replace (mu * (w / mu * (1 + (x - ln (w / mu))))) with (w * (1 + (x - ln (w / mu)))) in M by (field; lra).
  lra.
Qed.
