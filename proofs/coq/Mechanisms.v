(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Attention mechanisms: orders of sums that are the same number, masses, hulls. *)
From Softbox Require Import Sums.
Require Import Reals Lra Lia Arith.
Open Scope R_scope.

(* ---- decay: one entry of the state S, x j = k_j v_j^T there ------------------- *)

Fixpoint state (lam : R) (x : nat -> R) (s : R) (n : nat) : R :=
  match n with O => s | S k => lam * state lam x s k + x k end.

Lemma state_sum lam x s n :
  state lam x s n = lam ^ n * s + sumn n (fun j => lam ^ (n - 1 - j) * x j).
Proof.
  induction n as [|n IH]; [simpl; ring|].
  cbn [state]. rewrite IH. cbn [sumn].
  replace (S n - 1 - n)%nat with O by lia.
  rewrite (sumn_ext n (fun j => lam ^ (S n - 1 - j) * x j)
             (fun j => lam * (lam ^ (n - 1 - j) * x j))).
  - rewrite sumn_scal. simpl. ring.
  - intros j Hj. replace (S n - 1 - j)%nat with (S (n - 1 - j)) by lia. simpl. ring.
Qed.

(* the recurrent order is the parallel one *)
Theorem recurrent_is_parallel lam x n :
  state lam x 0 (S n) = sumn (S n) (fun j => lam ^ (n - j) * x j).
Proof.
  rewrite state_sum. rewrite Rmult_0_r, Rplus_0_l. apply sumn_ext.
  intros j Hj. now replace (S n - 1 - j)%nat with (n - j)%nat by lia.
Qed.

(* a chunk of B rows from row b *)
Theorem chunk lam x b B :
  state lam x 0 (b + B) =
  lam ^ B * state lam x 0 b + sumn B (fun j => lam ^ (B - 1 - j) * x (b + j)%nat).
Proof.
  rewrite <- (state_sum lam (fun j => x (b + j)%nat)).
  induction B as [|B IH]; [now rewrite Nat.add_0_r|].
  rewrite Nat.add_succ_r. cbn [state]. now rewrite IH.
Qed.

(* q (K^T V) = (q K^T) V *)
Theorem triple_product d m (q : nat -> R) (k : nat -> nat -> R) (v : nat -> R) :
  sumn m (fun j => sumn d (fun c => q c * k j c) * v j) =
  sumn d (fun c => q c * sumn m (fun j => k j c * v j)).
Proof.
  rewrite (sumn_ext m _ (fun j => sumn d (fun c => q c * k j c * v j))).
  2: { intros j _. now rewrite sumn_scal_r. }
  rewrite sumn_swap. apply sumn_ext. intros c _.
  rewrite <- sumn_scal. apply sumn_ext. intros; ring.
Qed.

(* ---- SimA ----------------------------------------------------------------------- *)

Section Sima.
  Variables n m d : nat.
  Variables q k : nat -> nat -> R.
  Hypothesis Hq : forall c, (c < d)%nat -> sumn n (fun i => Rabs (q i c)) <= 1.
  Hypothesis Hk : forall c, (c < d)%nat -> sumn m (fun j => Rabs (k j c)) <= 1.

  Let A i j := sumn d (fun c => q i c * k j c).

  Lemma entry_le i j : Rabs (A i j) <= sumn d (fun c => Rabs (q i c) * Rabs (k j c)).
  Proof.
    eapply Rle_trans; [apply sumn_abs|]. apply Req_le, sumn_ext.
    intros; apply Rabs_mult.
  Qed.

  Theorem sima_mass : sumn n (fun i => sumn m (fun j => Rabs (A i j))) <= INR d.
  Proof.
    apply Rle_trans with
      (sumn n (fun i => sumn d (fun c => Rabs (q i c) * sumn m (fun j => Rabs (k j c))))).
    - apply sumn_le; intros i Hi.
      apply Rle_trans with (sumn m (fun j => sumn d (fun c => Rabs (q i c) * Rabs (k j c)))).
      + apply sumn_le; intros; apply entry_le.
      + rewrite sumn_swap. apply Req_le, sumn_ext. intros; apply sumn_scal.
    - apply Rle_trans with (sumn n (fun i => sumn d (fun c => Rabs (q i c)))).
      + apply sumn_le; intros i Hi. apply sumn_le; intros c Hc.
        rewrite <- (Rmult_1_r (Rabs (q i c))) at 2.
        apply Rmult_le_compat_l; [apply Rabs_pos | auto].
      + rewrite sumn_swap. apply Rle_trans with (sumn d (fun _ => 1)).
        * apply sumn_le; auto.
        * rewrite sumn_const. lra.
  Qed.

  Lemma one_below j c : (j < m)%nat -> (c < d)%nat -> Rabs (k j c) <= 1.
  Proof.
    intros Hj Hc. eapply Rle_trans; [|apply (Hk c Hc)].
    rewrite (sumn_split m j) by assumption.
    assert (0 <= others m j (fun j => Rabs (k j c))); [|lra].
    unfold others. apply sumn_nonneg. intros a _.
    destruct (Nat.eq_dec a j); [lra | apply Rabs_pos].
  Qed.

  Theorem sima_entry i j : (j < m)%nat -> Rabs (A i j) <= sumn d (fun c => Rabs (q i c)).
  Proof.
    intros Hj. eapply Rle_trans; [apply entry_le|]. apply sumn_le; intros c Hc.
    rewrite <- (Rmult_1_r (Rabs (q i c))) at 2.
    apply Rmult_le_compat_l; [apply Rabs_pos | now apply one_below].
  Qed.
End Sima.

(* ---- softmax by tiles --------------------------------------------------------------- *)

(* a change of the shift from t to u multiplies sum and outputs by e^(t - u) *)
Theorem rescaled n s v t u :
  exp (t - u) * sumn n (fun j => exp (s j - t) * v j) = sumn n (fun j => exp (s j - u) * v j).
Proof.
  rewrite <- sumn_scal. apply sumn_ext. intros j _.
  rewrite <- Rmult_assoc, <- exp_plus. do 2 f_equal. ring.
Qed.

(* and it cancels *)
Theorem shift_cancels n s v t u : (0 < n)%nat ->
  sumn n (fun j => exp (s j - t) * v j) / sumn n (fun j => exp (s j - t)) =
  sumn n (fun j => exp (s j - u) * v j) / sumn n (fun j => exp (s j - u)).
Proof.
  intros Hn.
  assert (E : forall w, sumn n (fun j => exp (s j - w)) = sumn n (fun j => exp (s j - w) * 1)).
  { intros w. apply sumn_ext. intros; ring. }
  assert (P : forall w, 0 < sumn n (fun j => exp (s j - w))).
  { intros w. apply sumn_pos; [assumption|]. intros; apply exp_pos. }
  rewrite <- (rescaled n s v t u), (E u), <- (rescaled n s (fun _ => 1) t u), <- (E t).
  field. split; [apply Rgt_not_eq, P | apply Rgt_not_eq, exp_pos].
Qed.

(* ---- recurrences with gates ------------------------------------------------------------ *)

(* |x - b k (k.x)|^2 <= |x|^2 for 0 <= b |k|^2 <= 2 *)
Theorem delta_step n b (k x : nat -> R) :
  let kx := sumn n (fun c => k c * x c) in
  let kk := sumn n (fun c => k c * k c) in
  0 <= b -> b * kk <= 2 ->
  sumn n (fun c => (x c - b * k c * kx) * (x c - b * k c * kx)) <= sumn n (fun c => x c * x c).
Proof.
  intros kx kk Hb H2.
  assert (E : sumn n (fun c => (x c - b * k c * kx) * (x c - b * k c * kx)) =
              sumn n (fun c => x c * x c) + - (2 * b * kx) * kx + (b * kx) * (b * kx) * kk).
  { unfold kx at 4, kk. rewrite <- !sumn_scal, <- !sumn_plus. apply sumn_ext. intros; ring. }
  rewrite E.
  assert (0 <= kx * kx) by apply Rle_0_sqr.
  assert (b * (b * kk - 2) <= 0) by nra.
  nra.
Qed.

(* beyond 2 it stretches k *)
Theorem delta_stretches n b (k : nat -> R) :
  let kk := sumn n (fun c => k c * k c) in
  0 < kk -> 2 < b * kk ->
  kk < sumn n (fun c => (k c - b * k c * kk) * (k c - b * k c * kk)).
Proof.
  intros kk Hk H2.
  assert (E : sumn n (fun c => (k c - b * k c * kk) * (k c - b * k c * kk)) =
              (1 - b * kk) * (1 - b * kk) * kk).
  { transitivity (sumn n (fun c => ((1 - b * kk) * (1 - b * kk)) * (k c * k c))).
    - apply sumn_ext. intros; ring.
    - apply sumn_scal. }
  rewrite E. assert (1 < (1 - b * kk) * (1 - b * kk)) by nra. nra.
Qed.

(* and so it does for b < 0 *)
Theorem delta_negative n b (k : nat -> R) :
  let kk := sumn n (fun c => k c * k c) in
  0 < kk -> b < 0 ->
  kk < sumn n (fun c => (k c - b * k c * kk) * (k c - b * k c * kk)).
Proof.
  intros kk Hk H2.
  assert (E : sumn n (fun c => (k c - b * k c * kk) * (k c - b * k c * kk)) =
              (1 - b * kk) * (1 - b * kk) * kk).
  { transitivity (sumn n (fun c => ((1 - b * kk) * (1 - b * kk)) * (k c * k c))).
    - apply sumn_ext. intros; ring.
    - apply sumn_scal. }
  rewrite E. assert (b * kk < 0) by nra.
  assert (1 < (1 - b * kk) * (1 - b * kk)) by nra. nra.
Qed.

(* weights that sum to 1 stay in the hull; and so does a gate *)
Theorem hull n w v lo hi :
  (forall j, (j < n)%nat -> 0 <= w j) -> sumn n w = 1 ->
  (forall j, (j < n)%nat -> lo <= v j <= hi) ->
  lo <= sumn n (fun j => w j * v j) <= hi.
Proof.
  intros Hw H1 Hv. split.
  - rewrite <- (Rmult_1_r lo), <- H1, <- sumn_scal. apply sumn_le. intros j Hj.
    rewrite (Rmult_comm lo). apply Rmult_le_compat_l; [auto | apply Hv; auto].
  - rewrite <- (Rmult_1_r hi), <- H1, <- sumn_scal. apply sumn_le. intros j Hj.
    rewrite (Rmult_comm hi). apply Rmult_le_compat_l; [auto | apply Hv; auto].
Qed.

Theorem gated g c h lo hi : 0 <= g <= 1 -> lo <= c <= hi -> lo <= h <= hi ->
  lo <= g * c + (1 - g) * h <= hi.
Proof. intros. split; nra. Qed.

(* row mass of several heads *)
Theorem heads_mass n H (p : nat -> nat -> R) v : (forall h, (h < H)%nat -> sumn n (p h) = 1) ->
  sumn n (fun j => sumn H (fun h => v h * p h j)) = sumn H v.
Proof.
  intros Hp. rewrite sumn_swap. apply sumn_ext. intros h Hh.
  rewrite sumn_scal, Hp by assumption. ring.
Qed.

(* ---- iterated inverses, in any ring: residuals ------------------------------------------- *)

Section Residual.
  Variable T : Type.
  Variables (add sub mul : T -> T -> T) (zero one : T) (opp : T -> T).
  Hypothesis addA : forall a b c, add a (add b c) = add (add a b) c.
  Hypothesis addC : forall a b, add a b = add b a.
  Hypothesis add0 : forall a, add zero a = a.
  Hypothesis addN : forall a, add a (opp a) = zero.
  Hypothesis subE : forall a b, sub a b = add a (opp b).
  Hypothesis mulA : forall a b c, mul a (mul b c) = mul (mul a b) c.
  Hypothesis mul1 : forall a, mul one a = a.
  Hypothesis mulr1 : forall a, mul a one = a.
  Hypothesis mulDl : forall a b c, mul (add a b) c = add (mul a c) (mul b c).
  Hypothesis mulDr : forall a b c, mul a (add b c) = add (mul a b) (mul a c).

  Lemma add_cancel a b c : add a b = add a c -> b = c.
  Proof.
    intros H. rewrite <- (add0 b), <- (add0 c), <- (addN a), (addC a (opp a)), <- !addA.
    now rewrite H.
  Qed.
  Lemma mul_opp_r a b : mul a (opp b) = opp (mul a b).
  Proof.
    apply (add_cancel (mul a b)). rewrite addN, <- mulDr, addN.
    apply (add_cancel (mul a zero)). rewrite <- mulDr, add0, addC, add0. reflexivity.
  Qed.
  Lemma mul_opp_l a b : mul (opp a) b = opp (mul a b).
  Proof.
    apply (add_cancel (mul a b)). rewrite addN, <- mulDl, addN.
    apply (add_cancel (mul zero b)). rewrite <- mulDl, add0, addC, add0. reflexivity.
  Qed.
  Lemma opp_add a b : opp (add a b) = add (opp a) (opp b).
  Proof.
    apply (add_cancel (add a b)). rewrite addN.
    rewrite <- addA, (addC (opp a)), (addA b), addN, add0, addN. reflexivity.
  Qed.
  Lemma opp_opp a : opp (opp a) = a.
  Proof. apply (add_cancel (opp a)). rewrite addN, addC, addN. reflexivity. Qed.

  (* Newton: V' = 2 V - V P V has the residual (I - P V)^2 *)
  Theorem newton_residual p v :
    sub one (mul p (sub (add v v) (mul v (mul p v)))) =
    mul (sub one (mul p v)) (sub one (mul p v)).
  Proof.
    rewrite !subE. repeat rewrite ?mulDr, ?mulDl, ?mul_opp_r, ?mul_opp_l, ?mul1, ?mulr1,
      ?opp_add, ?opp_opp, ?mulA. rewrite ?addA. reflexivity.
  Qed.
End Residual.
