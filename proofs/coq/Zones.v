(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Zones: boxes with bounds on differences. What closing one finds, softmax over it, views. *)
From Softbox Require Import Sums Softmax Relaxations.
Require Import Reals Lra Lia Arith List.
Open Scope R_scope.

(* ---- a path of differences ------------------------------------------------------- *)

(* along the vertices i, p_1, .., p_k: the lengths added up *)
Fixpoint length_of (d : nat -> nat -> R) (i : nat) (p : list nat) : R :=
  match p with nil => 0 | (j :: q)%list => d i j + length_of d j q end.

Theorem path_bound (x : nat -> R) d p : forall i,
  (forall a b, x a - x b <= d a b) -> x i - x (last p i) <= length_of d i p.
Proof.
  induction p as [|j q IH]; intros i H; simpl; [lra|].
  assert (E : last (j :: q) i = last q j).
  { clear. revert i j. induction q as [|k q IH]; intros i j; [reflexivity|].
    change (last (j :: k :: q) i) with (last (k :: q) i).
    rewrite (IH i k). change (last (k :: q) j) with (last (k :: q) j). now rewrite (IH j k). }
  simpl in E. rewrite E. specialize (IH j H). specialize (H i j). lra.
Qed.

(* two bounds that contradict each other prove that there is no point *)
Theorem empty_zone (x : nat -> R) i j a b : a < - b -> x i - x j <= a -> x j - x i <= b -> False.
Proof. intros; lra. Qed.

(* shortest paths are attained: with the triangle inequality, x_j = x_i - D i j keeps every bound *)
Theorem attained_lo (D : nat -> nat -> R) i xi :
  (forall a b c, D a b <= D a c + D c b) ->
  forall j k, (xi - D i j) - (xi - D i k) <= D j k.
Proof. intros H j k. specialize (H i k j). lra. Qed.

Theorem attained_hi (D : nat -> nat -> R) i xi :
  (forall a b c, D a b <= D a c + D c b) ->
  forall j k, (xi + D j i) - (xi + D k i) <= D j k.
Proof. intros H j k. specialize (H j i k). lra. Qed.

(* ---- softmax over a zone ------------------------------------------------------------ *)

Lemma softmax_others n x i : (i < n)%nat ->
  softmax n x i = / (1 + others n i (fun j => exp (x j - x i))).
Proof.
  intros Hi. unfold softmax.
  assert (E : sumn n (fun j => exp (x j)) = exp (x i) * (1 + others n i (fun j => exp (x j - x i)))).
  { rewrite (sumn_split n i) by assumption. rewrite Rmult_plus_distr_l, Rmult_1_r. f_equal.
    unfold others. rewrite <- sumn_scal. apply sumn_ext. intros j _.
    destruct (Nat.eq_dec j i); [ring|]. rewrite <- exp_plus. f_equal. ring. }
  rewrite E.
  assert (0 <= others n i (fun j => exp (x j - x i))).
  { unfold others. apply sumn_nonneg. intros j _.
    destruct (Nat.eq_dec j i); [lra | left; apply exp_pos]. }
  assert (P := exp_pos (x i)). field. split; apply Rgt_not_eq; lra.
Qed.

Theorem softmax_zone n x i (up down : nat -> R) : (i < n)%nat ->
  (forall j, (j < n)%nat -> - down j <= x j - x i <= up j) ->
  / (1 + others n i (fun j => exp (up j))) <= softmax n x i
    <= / (1 + others n i (fun j => exp (- down j))).
Proof.
  intros Hi H. rewrite softmax_others by assumption.
  assert (M : forall a b, a <= b -> exp a <= exp b).
  { intros a b [L|E]; [left; now apply exp_increasing | right; now subst]. }
  assert (P : forall f, 0 <= others n i (fun j => exp (f j))).
  { intros f. unfold others. apply sumn_nonneg. intros j _.
    destruct (Nat.eq_dec j i); [lra | left; apply exp_pos]. }
  assert (P1 := P (fun j => x j - x i)). assert (P2 := P (fun j => - down j)).
  split; apply Rinv_le_contravar; try lra; apply Rplus_le_compat_l, others_le; intros j Hj _;
    apply M, H; assumption.
Qed.

(* ---- from a view to the box ------------------------------------------------------------ *)

(* y_j = x_j - x_k; t = - sum of the others' slopes, a_k another number with |t - a_k| <= e *)
Theorem view_lower n k (x a : nat -> R) b p e r : (k < n)%nat ->
  others n k (fun j => a j * (x j - x k)) + b <= p ->
  Rabs (- others n k a - a k) <= e -> Rabs (x k) <= r ->
  sumn n (fun j => a j * x j) + b - e * r <= p.
Proof.
  intros Hk H He Hr.
  rewrite (sumn_split n k (fun j => a j * x j)) by assumption.
  assert (E : others n k (fun j => a j * (x j - x k)) =
              others n k (fun j => a j * x j) - x k * others n k a).
  { unfold others. rewrite <- sumn_scal, <- sumn_minus. apply sumn_ext. intros j _.
    destruct (Nat.eq_dec j k); ring. }
  rewrite E in H.
  assert (D : Rabs ((- others n k a - a k) * x k) <= e * r).
  { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. }
  assert (L := Rle_abs (- ((- others n k a - a k) * x k))). rewrite Rabs_Ropp in L. nra.
Qed.

(* the centre of the closed zone's sides is in the zone; n is the vertex of the constant 0 *)
Theorem centre_inside (D : nat -> nat -> R) n : (forall a b c, D a b <= D a c + D c b) ->
  forall i j, (D i n - D n i) / 2 - (D j n - D n j) / 2 <= D i j.
Proof. intros H i j. assert (A := H i n j). assert (B := H n j i). lra. Qed.

(* ---- a line over exp on a side, of any slope ------------------------------------------------ *)

Theorem line_over_exp l u c k v x : l <= x <= u ->
  exp l + k * (c - l) <= v -> exp u - k * (u - c) <= v -> exp x <= v + k * (x - c).
Proof.
  intros Hx Hl Hu. destruct (Rle_lt_or_eq_dec l u) as [L|E]; [lra| |].
  - set (w := (u - x) / (u - l)). set (y := (x - l) / (u - l)).
    assert (W : 0 <= w) by (apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]).
    assert (Y : 0 <= y) by (apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]).
    assert (S1 : w + y = 1) by (unfold w, y; field; lra).
    assert (S2 : w * l + y * u = x) by (unfold w, y; field; lra).
    assert (C := exp_convex l u w ltac:(lra)).
    replace (w * l + (1 - w) * u) with x in C by (rewrite <- S2; replace y with (1 - w) by lra; ring).
    replace (1 - w) with y in C by lra.
    assert (A : w * exp l <= w * (v + k * (l - c))) by (apply Rmult_le_compat_l; lra).
    assert (B : y * exp u <= y * (v + k * (u - c))) by (apply Rmult_le_compat_l; lra).
    replace (v + k * (x - c)) with (w * (v + k * (l - c)) + y * (v + k * (u - c))).
    + lra.
    + rewrite <- S2. replace v with ((w + y) * v) at 3 by (rewrite S1; ring).
      replace c with ((w + y) * c) at 3 by (rewrite S1; ring). ring.
  - subst u. assert (x = l) by lra. subst x. lra.
Qed.
