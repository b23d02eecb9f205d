(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* The image of a box with bounds on differences under softmax is a polytope. *)
Require Import Reals Lra Lia Arith.
From Softbox Require Import Sums Softmax.
Open Scope R_scope.

Definition total n (x : nat -> R) := sumn n (fun k => exp (x k)).

Lemma total_pos n x : (0 < n)%nat -> 0 < total n x.
Proof. intros H. apply sumn_pos; auto. intros; apply exp_pos. Qed.

Lemma exp_le_inv' a b : exp a <= exp b -> a <= b.
Proof. intros [H|H]; [left; apply exp_lt_inv; auto|right; apply exp_inv; auto]. Qed.

Lemma softmax_total n x j : softmax n x j = exp (x j) * / total n x.
Proof. reflexivity. Qed.

(* softmax of a point of the zone satisfies the rows, with s = 1 / sum of the e^{x_j} *)
Theorem polytope_in n x l u i j d : (0 < n)%nat ->
  (l <= x j <= u -> exp l * / total n x <= softmax n x j <= exp u * / total n x) /\
  (x i - x j <= d -> softmax n x i <= exp d * softmax n x j).
Proof.
  intros Hn. assert (Ht := total_pos n x Hn).
  assert (Hi : 0 < / total n x) by (apply Rinv_0_lt_compat; auto).
  rewrite !softmax_total. split.
  - intros [H1 H2]. apply exp_le in H1, H2.
    split; apply Rmult_le_compat_r; lra.
  - intros H. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [lra|].
    rewrite <- exp_plus. apply exp_le. lra.
Qed.

(* and what satisfies the rows is softmax of a point of the zone: x_j = ln (p_j / s) *)
Theorem polytope_out n p s : (0 < n)%nat -> 0 < s -> sumn n p = 1 ->
  (forall j, (j < n)%nat -> 0 < p j) ->
  let x := fun j => ln (p j / s) in
  (forall j, (j < n)%nat -> softmax n x j = p j) /\
  (forall j l u, (j < n)%nat -> exp l * s <= p j <= exp u * s -> l <= x j <= u) /\
  (forall i j d, (i < n)%nat -> (j < n)%nat -> p i <= exp d * p j -> x i - x j <= d).
Proof.
  intros Hn Hs H1 Hp x.
  assert (Hpos : forall j, (j < n)%nat -> 0 < p j / s).
  { intros. apply Rdiv_lt_0_compat; auto. }
  assert (Hx : forall j, (j < n)%nat -> exp (x j) = p j / s).
  { intros. unfold x. apply exp_ln; auto. }
  assert (Ht : total n x = / s).
  { unfold total. rewrite (sumn_ext n _ (fun j => p j * / s)).
    2:{ intros. rewrite Hx; auto. }
    rewrite sumn_scal_r, H1. ring. }
  split; [|split].
  - intros j Hj. rewrite softmax_total, Hx, Ht; auto. field. lra.
  - intros j l u Hj [A B]. split; apply exp_le_inv'; rewrite Hx; auto.
    + apply (Rmult_le_reg_r s); [lra|]. replace (p j / s * s) with (p j) by (field; lra). lra.
    + apply (Rmult_le_reg_r s); [lra|]. replace (p j / s * s) with (p j) by (field; lra). lra.
  - intros i j d Hi Hj H.
    assert (x i <= d + x j); [|lra]. apply exp_le_inv'. rewrite exp_plus, !Hx; auto.
    apply (Rmult_le_reg_r s); [lra|].
    replace (p i / s * s) with (p i) by (field; lra).
    replace (exp d * (p j / s) * s) with (exp d * p j) by (field; lra). lra.
Qed.
