(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Cholesky's algorithm in floating point, once it ended, shows how negative its matrix can be at most. *)
From Softbox Require Import Sums Matrices.
Require Import Reals Lra Lia Arith.
Open Scope R_scope.

Lemma gram_form n (f : nat -> nat -> R) :
  sumn n (fun i => sumn n (fun j => sumn n (fun k => f k i * f k j))) =
  sumn n (fun k => sumn n (f k) * sumn n (f k)).
Proof.
  rewrite (sumn_ext n (fun k => sumn n (f k) * sumn n (f k))
             (fun k => sumn n (fun i => sumn n (fun j => f k i * f k j)))).
  2:{ intros k _. rewrite <- sumn_scal_r. apply sumn_ext. intros i _. now rewrite sumn_scal. }
  rewrite (sumn_swap n n (fun k i => sumn n (fun j => f k i * f k j))).
  apply sumn_ext. intros i _. apply (sumn_swap n n (fun j k => f k i * f k j)).
Qed.

(* A is R'R but for g |R|'|R| entry by entry *)
Theorem cholesky_ends n (A R : nat -> nat -> R) g y : 0 <= g < 1 ->
  (forall i j, (i < n)%nat -> (j < n)%nat ->
     Rabs (A i j - sumn n (fun k => R k i * R k j)) <=
     g * sumn n (fun k => Rabs (R k i) * Rabs (R k j))) ->
  - (g / (1 - g) * sumn n (fun j => A j j)) * sumn n (fun j => y j * y j) <=
  sumn n (fun i => sumn n (fun j => y i * A i j * y j)).
Proof.
  intros [G0 G1] H.
  set (S := fun i => sumn n (fun k => R k i * R k i)).
  set (yy := sumn n (fun j => y j * y j)).
  assert (Y0 : 0 <= yy) by (apply sumn_nonneg; intros; apply Rle_0_sqr).
  assert (D : forall i, (i < n)%nat -> S i <= A i i / (1 - g)).
  { intros i Hi. assert (T := H i i Hi Hi).
    rewrite (sumn_ext n (fun k => Rabs (R k i) * Rabs (R k i)) (fun k => R k i * R k i)) in T.
    2:{ intros k _. rewrite <- Rabs_mult. apply Rabs_right, Rle_ge, Rle_0_sqr. }
    fold (S i) in T. apply Rmult_le_reg_r with (1 - g); [lra|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    assert (B := Rle_abs (- (A i i - S i))). rewrite Rabs_Ropp in B. lra. }
  set (Z := sumn n (fun i => sumn n (fun j =>
              y i * (A i j - sumn n (fun k => R k i * R k j)) * y j))).
  assert (Q : sumn n (fun i => sumn n (fun j => y i * A i j * y j)) =
              sumn n (fun k => sumn n (fun i => R k i * y i) * sumn n (fun i => R k i * y i)) + Z).
  { rewrite <- (gram_form n (fun k i => R k i * y i)). unfold Z. rewrite <- sumn_plus.
    apply sumn_ext. intros i _. rewrite <- sumn_plus. apply sumn_ext. intros j _.
    rewrite (sumn_ext n (fun k => R k i * y i * (R k j * y j))
               (fun k => y i * y j * (R k i * R k j))) by (intros; ring).
    rewrite sumn_scal. ring. }
  assert (P : 0 <= sumn n (fun k => sumn n (fun i => R k i * y i) * sumn n (fun i => R k i * y i)))
    by (apply sumn_nonneg; intros; apply Rle_0_sqr).
  assert (E : Rabs Z <= g * (yy * sumn n S)).
  { unfold Z. eapply Rle_trans; [apply sumn_abs|].
    apply Rle_trans with (sumn n (fun i => sumn n (fun j => g * sumn n (fun k =>
      Rabs (y i) * Rabs (R k i) * (Rabs (y j) * Rabs (R k j)))))).
    - apply sumn_le. intros i Hi. eapply Rle_trans; [apply sumn_abs|]. apply sumn_le. intros j Hj.
      rewrite !Rabs_mult.
      rewrite (sumn_ext n (fun k => Rabs (y i) * Rabs (R k i) * (Rabs (y j) * Rabs (R k j)))
                 (fun k => Rabs (y i) * Rabs (y j) * (Rabs (R k i) * Rabs (R k j))))
        by (intros; ring).
      rewrite sumn_scal. assert (T := H i j Hi Hj).
      assert (0 <= Rabs (y i) * Rabs (y j)) by (apply Rmult_le_pos; apply Rabs_pos).
      replace (g * (Rabs (y i) * Rabs (y j) * sumn n (fun k => Rabs (R k i) * Rabs (R k j))))
        with (Rabs (y i) * Rabs (y j) * (g * sumn n (fun k => Rabs (R k i) * Rabs (R k j)))) by ring.
      replace (Rabs (y i) * Rabs (A i j - sumn n (fun k => R k i * R k j)) * Rabs (y j))
        with (Rabs (y i) * Rabs (y j) * Rabs (A i j - sumn n (fun k => R k i * R k j))) by ring.
      now apply Rmult_le_compat_l.
    - rewrite (sumn_ext n _ (fun i => g * sumn n (fun j => sumn n (fun k =>
        Rabs (y i) * Rabs (R k i) * (Rabs (y j) * Rabs (R k j)))))) by (intros; apply sumn_scal).
      rewrite sumn_scal. apply Rmult_le_compat_l; [assumption|].
      rewrite (gram_form n (fun k i => Rabs (y i) * Rabs (R k i))).
      unfold S. rewrite (sumn_swap n n (fun i k => R k i * R k i)). rewrite <- sumn_scal.
      apply sumn_le. intros k _.
      assert (C := cauchy_schwarz n (fun i => Rabs (y i)) (fun i => Rabs (R k i))). cbv beta in C.
      rewrite (sumn_ext n (fun j => Rabs (y j) * Rabs (y j)) (fun j => y j * y j)) in C.
      2:{ intros j _. rewrite <- Rabs_mult. apply Rabs_right, Rle_ge, Rle_0_sqr. }
      rewrite (sumn_ext n (fun j => Rabs (R k j) * Rabs (R k j)) (fun j => R k j * R k j)) in C.
      2:{ intros j _. rewrite <- Rabs_mult. apply Rabs_right, Rle_ge, Rle_0_sqr. }
      exact C. }
  assert (T : sumn n S <= sumn n (fun j => A j j) / (1 - g)).
  { unfold Rdiv. rewrite <- sumn_scal_r. apply sumn_le. exact D. }
  assert (U : g * (yy * sumn n S) <= g / (1 - g) * sumn n (fun j => A j j) * yy).
  { replace (g / (1 - g) * sumn n (fun j => A j j) * yy)
      with (g * (yy * (sumn n (fun j => A j j) / (1 - g)))) by (field; lra).
    apply Rmult_le_compat_l; [assumption|]. now apply Rmult_le_compat_l. }
  assert (V := Rle_abs (- Z)). rewrite Rabs_Ropp in V. rewrite Q. fold yy. lra.
Qed.
