(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Norms of matrices: what bounds |E x| for every x. *)
From Softbox Require Import Sums.
Require Import Reals Lra Lia Arith.
Open Scope R_scope.

Lemma cauchy_schwarz n a b :
  sumn n (fun j => a j * b j) * sumn n (fun j => a j * b j) <=
  sumn n (fun j => a j * a j) * sumn n (fun j => b j * b j).
Proof.
  set (A := sumn n (fun j => a j * a j)). set (B := sumn n (fun j => b j * b j)).
  set (D := sumn n (fun j => a j * b j)).
  assert (Q : forall s t, 0 <= s * s * A - 2 * s * t * D + t * t * B).
  { intros s t. replace (s * s * A - 2 * s * t * D + t * t * B)
      with (sumn n (fun j => (s * a j - t * b j) * (s * a j - t * b j))).
    - apply sumn_nonneg. intros; apply Rle_0_sqr.
    - rewrite (sumn_ext n _ (fun j => (s * s) * (a j * a j) + (- 2 * s * t) * (a j * b j)
                                      + (t * t) * (b j * b j))) by (intros; ring).
      rewrite !sumn_plus, !sumn_scal. fold A B D. ring. }
  assert (HA : 0 <= A) by (apply sumn_nonneg; intros; apply Rle_0_sqr).
  destruct HA as [HA|HA].
  - assert (H := Q D A).
    assert (E : D * D * A - 2 * D * A * D + A * A * B = A * (A * B - D * D)) by ring.
    rewrite E in H. nra.
  - (* A = 0: 0 <= -2 t D + t t B for all t *)
    assert (H1 := Q 1 1). assert (HB : 0 <= B) by (apply sumn_nonneg; intros; apply Rle_0_sqr).
    rewrite <- HA in *. destruct (Req_dec D 0) as [->|N]; [lra|].
    assert (H2 := Q (1 + B) D).
    replace ((1 + B) * (1 + B) * 0 - 2 * (1 + B) * D * D + D * D * B)
      with (- (D * D) * (2 + B)) in H2 by ring.
    assert (0 < D * D) by (apply Rsqr_pos_lt in N; exact N). nra.
Qed.

(* any positive vector x with R'R x <= q x bounds |E y|, |E| <= R entry by entry *)
Theorem positive_vector m n (E R : nat -> nat -> R) x q y :
  (forall i j, (i < m)%nat -> (j < n)%nat -> Rabs (E i j) <= R i j) ->
  (forall j, (j < n)%nat -> 0 < x j) ->
  (forall j, (j < n)%nat ->
     sumn m (fun i => R i j * sumn n (fun k => R i k * x k)) <= q * x j) ->
  sumn m (fun i => sumn n (fun j => E i j * y j) * sumn n (fun j => E i j * y j)) <=
  q * sumn n (fun j => y j * y j).
Proof.
  intros HE Hx Hq.
  set (rx := fun i => sumn n (fun k => R i k * x k)).
  set (z := fun i => sumn n (fun j => R i j * (y j * y j / x j))).
  assert (R0 : forall i j, (i < m)%nat -> (j < n)%nat -> 0 <= R i j).
  { intros i j Hi Hj. eapply Rle_trans; [apply Rabs_pos | apply HE; assumption]. }
  apply Rle_trans with (sumn m (fun i => rx i * z i)).
  - apply sumn_le. intros i Hi.
    set (w := sumn n (fun j => sqrt (R i j * x j) * (sqrt (R i j / x j) * Rabs (y j)))).
    assert (P1 : forall j, (j < n)%nat -> 0 <= R i j * x j).
    { intros j Hj. apply Rmult_le_pos; [auto | left; auto]. }
    assert (P2 : forall j, (j < n)%nat -> 0 <= R i j / x j).
    { intros j Hj. apply Rmult_le_pos; [auto | left; apply Rinv_0_lt_compat; auto]. }
    assert (W : Rabs (sumn n (fun j => E i j * y j)) <= w).
    { eapply Rle_trans; [apply sumn_abs|]. apply sumn_le. intros j Hj.
      rewrite Rabs_mult, <- Rmult_assoc, <- sqrt_mult by auto.
      replace (R i j * x j * (R i j / x j)) with (R i j * R i j)
        by (field; apply Rgt_not_eq, Hx; assumption).
      rewrite sqrt_square by auto. apply Rmult_le_compat_r; [apply Rabs_pos | auto]. }
    assert (C := cauchy_schwarz n (fun j => sqrt (R i j * x j))
                   (fun j => sqrt (R i j / x j) * Rabs (y j))).
    cbv beta in C. fold w in C.
    replace (sumn n (fun j => sqrt (R i j * x j) * sqrt (R i j * x j))) with (rx i) in C.
    2:{ apply sumn_ext. intros j Hj. now rewrite sqrt_sqrt by auto. }
    replace (sumn n (fun j => sqrt (R i j / x j) * Rabs (y j) * (sqrt (R i j / x j) * Rabs (y j))))
      with (z i) in C.
    2:{ apply sumn_ext. intros j Hj.
        replace (sqrt (R i j / x j) * Rabs (y j) * (sqrt (R i j / x j) * Rabs (y j)))
          with ((sqrt (R i j / x j) * sqrt (R i j / x j)) * (Rabs (y j) * Rabs (y j))) by ring.
        rewrite sqrt_sqrt by auto. rewrite <- Rabs_mult, (Rabs_right (y j * y j)).
        - unfold Rdiv. ring.
        - apply Rle_ge, Rle_0_sqr. }
    assert (A := Rabs_pos (sumn n (fun j => E i j * y j))).
    assert (S : sumn n (fun j => E i j * y j) * sumn n (fun j => E i j * y j) =
                Rabs (sumn n (fun j => E i j * y j)) * Rabs (sumn n (fun j => E i j * y j))).
    { rewrite <- Rabs_mult. symmetry. apply Rabs_right, Rle_ge, Rle_0_sqr. }
    rewrite S. apply Rle_trans with (w * w); [apply Rmult_le_compat; assumption | assumption].
  - unfold z. rewrite (sumn_ext m _ (fun i => sumn n (fun j => (y j * y j / x j) * (R i j * rx i)))).
    2:{ intros i _. rewrite <- sumn_scal. apply sumn_ext. intros; ring. }
    rewrite sumn_swap, <- sumn_scal. apply sumn_le. intros j Hj. rewrite sumn_scal.
    assert (X := Hx j Hj). assert (0 <= y j * y j) by apply Rle_0_sqr.
    apply Rle_trans with (y j * y j / x j * (q * x j)).
    + apply Rmult_le_compat_l; [|apply Hq; assumption].
      apply Rmult_le_pos; [assumption | left; now apply Rinv_0_lt_compat].
    + right. field. lra.
Qed.

(* row sums at most r, column sums at most c: |E y|^2 <= r c |y|^2 *)
Theorem row_column m n (E : nat -> nat -> R) r c y : 0 <= r ->
  (forall i, (i < m)%nat -> sumn n (fun j => Rabs (E i j)) <= r) ->
  (forall j, (j < n)%nat -> sumn m (fun i => Rabs (E i j)) <= c) ->
  sumn m (fun i => sumn n (fun j => E i j * y j) * sumn n (fun j => E i j * y j)) <=
  r * c * sumn n (fun j => y j * y j).
Proof.
  intros H0 Hr Hc.
  apply (positive_vector m n E (fun i j => Rabs (E i j)) (fun _ => 1)).
  - intros; lra.
  - intros; lra.
  - intros j Hj. rewrite Rmult_1_r.
    apply Rle_trans with (sumn m (fun i => r * Rabs (E i j))).
    + apply sumn_le. intros i Hi. rewrite Rmult_comm.
      apply Rmult_le_compat_r; [apply Rabs_pos|].
      rewrite (sumn_ext n _ (fun k => Rabs (E i k))) by (intros; ring). now apply Hr.
    + rewrite sumn_scal. apply Rmult_le_compat_l; auto.
Qed.

(* |E y| <= ||E||_F |y| *)
Theorem frobenius m n (E : nat -> nat -> R) y :
  sumn m (fun i => sumn n (fun j => E i j * y j) * sumn n (fun j => E i j * y j)) <=
  sumn m (fun i => sumn n (fun j => E i j * E i j)) * sumn n (fun j => y j * y j).
Proof.
  rewrite <- sumn_scal_r. apply sumn_le. intros i _. apply cauchy_schwarz.
Qed.
