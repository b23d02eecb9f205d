(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Softmax over a box, for any number of terms: the exact range of one entry,
   and what enclosures of the exponentials say about it. *)
Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums.
Open Scope R_scope.

Definition softmax (n : nat) (x : nat -> R) (i : nat) : R :=
  exp (x i) / sumn n (fun j => exp (x j)).

Lemma sumexp_pos n x : (0 < n)%nat -> 0 < sumn n (fun j => exp (x j)).
Proof. intros Hn. apply sumn_pos; auto. intros; apply exp_pos. Qed.

Lemma softmax_pos n x i : (i < n)%nat -> 0 < softmax n x i.
Proof.
  intros Hi. unfold softmax. apply Rdiv_lt_0_compat; [apply exp_pos|apply sumexp_pos; lia].
Qed.

Lemma softmax_sum1 n x : (0 < n)%nat -> sumn n (softmax n x) = 1.
Proof.
  intros Hn. unfold softmax, Rdiv.
  rewrite (sumn_ext n _ (fun i => / sumn n (fun j => exp (x j)) * exp (x i)))
    by (intros; ring).
  rewrite sumn_scal. field. apply Rgt_not_eq, sumexp_pos; auto.
Qed.

Lemma softmax_shift n x c i : (i < n)%nat -> softmax n (fun j => x j - c) i = softmax n x i.
Proof.
  intros Hi. unfold softmax.
  rewrite (sumn_ext n _ (fun j => exp (-c) * exp (x j))).
  2:{ intros. rewrite <- exp_plus. f_equal; ring. }
  rewrite sumn_scal.
  replace (exp (x i - c)) with (exp (-c) * exp (x i)) by (rewrite <- exp_plus; f_equal; ring).
  assert (H := sumexp_pos n x ltac:(lia)). assert (H' := exp_pos (-c)).
  field. lra.
Qed.

Lemma softmax_alt n x i : (i < n)%nat ->
  softmax n x i = 1 / (1 + others n i (fun j => exp (x j - x i))).
Proof.
  intros Hi. rewrite <- (softmax_shift n x (x i) i Hi). unfold softmax at 1.
  rewrite (sumn_split n i) by auto.
  replace (x i - x i) with 0 by ring. rewrite exp_0. reflexivity.
Qed.

(* ---- (a) monotone in each coordinate, hence the exact box bound ---------- *)
Theorem softmax_mono n x y i : (i < n)%nat ->
  x i <= y i -> (forall j, (j < n)%nat -> j <> i -> y j <= x j) ->
  softmax n x i <= softmax n y i.
Proof.
  intros Hi Hxy Hj. rewrite !softmax_alt by auto.
  assert (Hexp : forall a b, a <= b -> exp a <= exp b).
  { intros a b [H|H]; [left; apply exp_increasing; auto|subst; lra]. }
  assert (P : forall z, 0 <= others n i (fun j => exp (z j - z i))).
  { intros z. apply sumn_nonneg. intros j _. destruct (Nat.eq_dec j i); [lra|].
    left; apply exp_pos. }
  assert (L : others n i (fun j => exp (y j - y i)) <= others n i (fun j => exp (x j - x i))).
  { apply sumn_le. intros j Hjn. destruct (Nat.eq_dec j i) as [E|E]; [lra|].
    apply Hexp. specialize (Hj j Hjn E). lra. }
  specialize (P y). unfold Rdiv. rewrite !Rmult_1_l. apply Rinv_le_contravar; lra.
Qed.

(* corner of the box that maximises / minimises coordinate i *)
Definition corner (i : nat) (own oth : nat -> R) (j : nat) : R :=
  if Nat.eq_dec j i then own j else oth j.

Theorem softmax_box n l u x i : (i < n)%nat ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  softmax n (corner i l u) i <= softmax n x i <= softmax n (corner i u l) i.
Proof.
  intros Hi H. unfold corner. split; apply softmax_mono; auto.
  - destruct (Nat.eq_dec i i); [apply H; auto|congruence].
  - intros j Hj E. destruct (Nat.eq_dec j i); [congruence|apply H; auto].
  - destruct (Nat.eq_dec i i); [apply H; auto|congruence].
  - intros j Hj E. destruct (Nat.eq_dec j i); [congruence|apply H; auto].
Qed.

(* and it is attained: the corners are in the box *)
Lemma corner_in_box n l u i : (forall j, (j < n)%nat -> l j <= u j) ->
  forall j, (j < n)%nat -> l j <= corner i u l j <= u j /\ l j <= corner i l u j <= u j.
Proof.
  intros H j Hj. specialize (H j Hj). unfold corner. destruct (Nat.eq_dec j i); lra.
Qed.

(* ---- what a program computes: enclosures of the exponentials give an enclosure *)
Theorem softmax_enclosure n x i e_lo e_hi s_lo s_hi : (i < n)%nat ->
  0 <= e_lo -> e_lo <= exp (x i) <= e_hi ->
  0 <= s_lo -> s_lo <= others n i (fun j => exp (x j)) <= s_hi ->
  0 < e_lo + s_hi -> 0 < e_hi + s_lo ->
  e_lo / (e_lo + s_hi) <= softmax n x i <= e_hi / (e_hi + s_lo).
Proof.
  intros Hi He0 [He1 He2] Hs0 [Hs1 Hs2] Hp1 Hp2. unfold softmax.
  rewrite (sumn_split n i) by auto.
  set (e := exp (x i)) in *. set (s := others n i _) in *.
  assert (0 < e) by apply exp_pos.
  assert (0 <= s) by lra.
  split.
  - apply (Rmult_le_reg_r (e_lo + s_hi)); auto. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    apply (Rmult_le_reg_r (e + s)); [lra|].
    replace (e * / (e + s) * (e_lo + s_hi) * (e + s)) with (e * (e_lo + s_hi)) by (field; lra).
    nra.
  - apply (Rmult_le_reg_r (e_hi + s_lo)); auto. unfold Rdiv.
    rewrite (Rmult_assoc e_hi), Rinv_l, Rmult_1_r by lra.
    apply (Rmult_le_reg_r (e + s)); [lra|].
    replace (e * / (e + s) * (e_hi + s_lo) * (e + s)) with (e * (e_hi + s_lo)) by (field; lra).
    nra.
Qed.
