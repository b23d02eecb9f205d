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

(* ---- more about one entry ------------------------------------------------ *)
Theorem softmax_le1 n x i : (i < n)%nat -> softmax n x i <= 1.
Proof.
  intros Hi. rewrite <- (softmax_sum1 n x) by lia.
  rewrite (sumn_split n i (softmax n x)) by auto.
  assert (0 <= others n i (softmax n x)); [|lra].
  apply others_nonneg. intros j Hj _. left. apply softmax_pos; auto.
Qed.

(* a common factor of all terms, such as 2^-K, cancels *)
Theorem softmax_scale n x c i : (i < n)%nat -> 0 < c ->
  c * exp (x i) / sumn n (fun j => c * exp (x j)) = softmax n x i.
Proof.
  intros Hi Hc. unfold softmax. rewrite sumn_scal.
  assert (H := sumexp_pos n x ltac:(lia)). field. lra.
Qed.

(* Enclosures of every term, lower ends may be 0 (a logit that goes to
   -infinity): the same corners as softmax_box, in the weights. *)
Theorem softmax_enclosure_weights n x a b i : (i < n)%nat ->
  (forall j, (j < n)%nat -> 0 <= a j /\ a j <= exp (x j) <= b j) ->
  a i / (a i + others n i b) <= softmax n x i.
Proof.
  intros Hi H. destruct (H i Hi) as [Ha [He1 He2]].
  assert (O : others n i (fun j => exp (x j)) <= others n i b).
  { apply others_le. intros j Hj _. apply H; auto. }
  assert (O0 : 0 <= others n i (fun j => exp (x j))).
  { apply others_nonneg. intros. left; apply exp_pos. }
  destruct Ha as [Ha|Ha].
  - destruct (softmax_enclosure n x i (a i) (exp (x i)) 0 (others n i b)); auto; try lra;
      assert (E := exp_pos (x i)); lra.
  - rewrite <- Ha. unfold Rdiv. rewrite Rmult_0_l. left. apply softmax_pos; auto.
Qed.

Theorem softmax_enclosure_weights_up n x a b i : (i < n)%nat ->
  (forall j, (j < n)%nat -> 0 <= a j /\ a j <= exp (x j) <= b j) ->
  softmax n x i <= b i / (b i + others n i a).
Proof.
  intros Hi H. destruct (H i Hi) as [Ha [He1 He2]].
  assert (O : others n i a <= others n i (fun j => exp (x j))).
  { apply others_le. intros j Hj _. apply H; auto. }
  assert (O0 : 0 <= others n i a).
  { apply others_nonneg. intros j Hj _. apply H; auto. }
  assert (E := exp_pos (x i)).
  destruct (softmax_enclosure n x i (exp (x i)) (b i) (others n i a)
              (others n i (fun j => exp (x j)))); auto; try lra.
Qed.

(* ---- log-sum-exp and log-softmax ------------------------------------------ *)
Definition lse n x := ln (sumn n (fun j => exp (x j))).
Definition log_softmax n x i := x i - lse n x.

Lemma exp_le a b : a <= b -> exp a <= exp b.
Proof. intros [H|H]; [left; apply exp_increasing; auto|subst; lra]. Qed.

Lemma ln_le' a b : 0 < a -> a <= b -> ln a <= ln b.
Proof. intros Ha [H|H]; [left; apply ln_increasing; auto|subst; lra]. Qed.

Lemma ln_softmax n x i : (i < n)%nat -> ln (softmax n x i) = log_softmax n x i.
Proof.
  intros Hi. unfold softmax, log_softmax, lse, Rdiv.
  assert (H := sumexp_pos n x ltac:(lia)).
  rewrite ln_mult, ln_exp, ln_Rinv; auto using exp_pos, Rinv_0_lt_compat. 
Qed.

Theorem lse_mono n x y : (0 < n)%nat -> (forall j, (j < n)%nat -> x j <= y j) ->
  lse n x <= lse n y.
Proof.
  intros Hn H. apply ln_le'; [apply sumexp_pos; auto|].
  apply sumn_le. intros j Hj. apply exp_le; auto.
Qed.

Theorem log_softmax_mono n x y i : (i < n)%nat ->
  x i <= y i -> (forall j, (j < n)%nat -> j <> i -> y j <= x j) ->
  log_softmax n x i <= log_softmax n y i.
Proof.
  intros Hi H1 H2. rewrite <- !ln_softmax by auto.
  apply ln_le'; [apply softmax_pos; auto|apply softmax_mono; auto].
Qed.

Theorem log_softmax_box n l u x i : (i < n)%nat ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  log_softmax n (corner i l u) i <= log_softmax n x i <= log_softmax n (corner i u l) i.
Proof.
  intros Hi H. destruct (softmax_box n l u x i Hi H).
  rewrite <- !ln_softmax by auto. split; apply ln_le'; auto using softmax_pos.
Qed.

Theorem lse_enclosure_weights n x a b : (0 < n)%nat ->
  (forall j, (j < n)%nat -> 0 <= a j /\ a j <= exp (x j) <= b j) ->
  (0 < sumn n a -> ln (sumn n a) <= lse n x) /\ lse n x <= ln (sumn n b).
Proof.
  intros Hn H. unfold lse. split; [intros Hs|]; apply ln_le'; auto.
  - apply sumn_le. intros j Hj. apply H; auto.
  - apply sumexp_pos; auto.
  - apply sumn_le. intros j Hj. apply H; auto.
Qed.

Theorem log_softmax_enclosure_weights n x a b i : (i < n)%nat ->
  (forall j, (j < n)%nat -> 0 <= a j /\ a j <= exp (x j) <= b j) ->
  (0 < a i -> ln (a i / (a i + others n i b)) <= log_softmax n x i) /\
  log_softmax n x i <= ln (b i / (b i + others n i a)).
Proof.
  intros Hi H. rewrite <- ln_softmax by auto. split.
  - intros Ha. apply ln_le'; [|apply softmax_enclosure_weights; auto].
    assert (0 <= others n i b).
    { apply others_nonneg. intros j Hj _. destruct (H j Hj). lra. }
    apply Rdiv_lt_0_compat; lra.
  - apply ln_le'; [apply softmax_pos; auto|apply softmax_enclosure_weights_up; auto].
Qed.

(* ---- the limit at -infinity: the entry k gets weight 0 --------------------- *)
Definition upd (x : nat -> R) (k : nat) (t : R) (j : nat) : R :=
  if Nat.eq_dec j k then t else x j.
Definition drop (x : nat -> R) (k : nat) (j : nat) : R :=
  if Nat.eq_dec j k then 0 else exp (x j).

Lemma upd_sum n x k t : (k < n)%nat ->
  sumn n (fun j => exp (upd x k t j)) = exp t + sumn n (drop x k).
Proof.
  intros Hk. rewrite (sumn_split n k) by auto. unfold upd at 1.
  destruct (Nat.eq_dec k k); [|congruence]. f_equal.
  unfold others, drop, upd. apply sumn_ext. intros j Hj.
  destruct (Nat.eq_dec j k); reflexivity.
Qed.

Lemma drop_pos n x k i : (i < n)%nat -> i <> k -> 0 < sumn n (drop x k).
Proof.
  intros Hi Hk. rewrite (sumn_split n i) by auto. unfold drop at 1.
  destruct (Nat.eq_dec i k); [congruence|]. assert (E := exp_pos (x i)).
  assert (0 <= others n i (drop x k)); [|lra].
  apply others_nonneg. intros j _ _. unfold drop. destruct (Nat.eq_dec j k); [lra|].
  left; apply exp_pos.
Qed.

(* squeeze: what differs from its limit by at most C e^t tends to it *)
Lemma lim_exp_squeeze (f : R -> R) L C :
  (forall t, Rabs (f t - L) <= C * exp t) -> is_lim f m_infty L.
Proof.
  intros H. apply is_lim_spec. intros eps. cbn.
  assert (He : 0 < eps) by apply (cond_pos eps).
  assert (HC : 0 < Rabs C + 1) by (assert (Q := Rabs_pos C); lra).
  exists (ln (eps / (Rabs C + 1))). intros t Ht.
  assert (E : exp t < eps / (Rabs C + 1)).
  { rewrite <- (exp_ln (eps / (Rabs C + 1))) by (apply Rdiv_lt_0_compat; lra).
    apply exp_increasing; auto. }
  eapply Rle_lt_trans; [apply H|].
  apply Rle_lt_trans with ((Rabs C + 1) * exp t).
  - apply Rmult_le_compat_r; [left; apply exp_pos|]. assert (Q := Rle_abs C). lra.
  - apply Rlt_le_trans with ((Rabs C + 1) * (eps / (Rabs C + 1))).
    + apply Rmult_lt_compat_l; auto.
    + right. field. lra.
Qed.

Theorem softmax_minus_infinity n x k i : (i < n)%nat -> (k < n)%nat -> i <> k ->
  is_lim (fun t => softmax n (upd x k t) i) m_infty (exp (x i) / sumn n (drop x k)).
Proof.
  intros Hi Hk Hik. assert (D := drop_pos n x k i Hi Hik).
  set (s := sumn n (drop x k)) in *. set (e := exp (x i)).
  assert (He : 0 < e) by apply exp_pos.
  apply (lim_exp_squeeze _ _ (e / (s * s))). intros t.
  unfold softmax. rewrite upd_sum by auto. fold s.
  unfold upd. destruct (Nat.eq_dec i k); [congruence|]. fold e.
  assert (T := exp_pos t).
  replace (e / (exp t + s) - e / s) with (- (e * exp t / ((exp t + s) * s))) by (field; lra).
  rewrite Rabs_Ropp, Rabs_pos_eq.
  - replace (e / (s * s) * exp t) with (e * exp t / (s * s)) by (field; lra).
    unfold Rdiv. apply Rmult_le_compat_l; [nra|]. apply Rinv_le_contravar; nra.
  - apply Rlt_le, Rdiv_lt_0_compat; nra.
Qed.

Theorem lse_minus_infinity n x k i : (i < n)%nat -> (k < n)%nat -> i <> k ->
  is_lim (fun t => lse n (upd x k t)) m_infty (ln (sumn n (drop x k))).
Proof.
  intros Hi Hk Hik. assert (D := drop_pos n x k i Hi Hik).
  set (s := sumn n (drop x k)) in *.
  apply (lim_exp_squeeze _ _ (/ s)). intros t. unfold lse. rewrite upd_sum by auto. fold s.
  assert (T := exp_pos t).
  replace (ln (exp t + s) - ln s) with (ln (1 + exp t / s)).
  2:{ rewrite <- ln_div by lra. f_equal. field. lra. }
  assert (Q : 0 < exp t / s) by (apply Rdiv_lt_0_compat; lra).
  rewrite Rabs_pos_eq.
  - replace (/ s * exp t) with (exp t / s) by (unfold Rdiv; ring).
    rewrite <- (ln_exp (exp t / s)) at 2. apply ln_le'; [lra|].
    left. apply exp_ineq1. lra.
  - rewrite <- ln_1. apply ln_le'; lra.
Qed.

Theorem log_softmax_minus_infinity n x k i : (i < n)%nat -> (k < n)%nat -> i <> k ->
  is_lim (fun t => log_softmax n (upd x k t) i) m_infty (x i - ln (sumn n (drop x k))).
Proof.
  intros Hi Hk Hik. unfold log_softmax.
  apply (is_lim_ext (fun t => x i - lse n (upd x k t))).
  - intros t. unfold upd at 2. destruct (Nat.eq_dec i k); [congruence|reflexivity].
  - evar_last.
    + apply (is_lim_minus' (fun _ => x i) (fun t => lse n (upd x k t)) m_infty
               (x i) (ln (sumn n (drop x k)))).
      * apply is_lim_const.
      * apply lse_minus_infinity with i; auto.
    + reflexivity.
Qed.
