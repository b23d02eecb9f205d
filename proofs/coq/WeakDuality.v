(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Any multipliers of the rows bound a linear program whose rows and columns lie
   between two ends each. *)
Require Import Reals Lra Lia Arith.
From Softbox Require Import Sums.
Open Scope R_scope.

(* the reduced cost of column j *)
Definition reduced m (a : nat -> nat -> R) (c y : nat -> R) (j : nat) :=
  c j - sumn m (fun r => y r * a r j).

Lemma between_max t l u x : l <= x <= u -> t * x <= Rmax (t * l) (t * u).
Proof.
  intros [H1 H2]. destruct (Rle_dec 0 t).
  - eapply Rle_trans; [|apply Rmax_r]. nra.
  - eapply Rle_trans; [|apply Rmax_l]. nra.
Qed.

Lemma lp_identity m n a c y x :
  sumn n (fun j => c j * x j) =
  sumn m (fun r => y r * sumn n (fun j => a r j * x j)) +
  sumn n (fun j => reduced m a c y j * x j).
Proof.
  rewrite (sumn_ext n (fun j => reduced m a c y j * x j)
    (fun j => c j * x j - sumn m (fun r => y r * a r j * x j))).
  2:{ intros j _. unfold reduced. rewrite sumn_scal_r. ring. }
  rewrite sumn_minus.
  rewrite (sumn_ext m (fun r => y r * sumn n (fun j => a r j * x j))
    (fun r => sumn n (fun j => y r * a r j * x j))).
  2:{ intros r _. rewrite <- sumn_scal. apply sumn_ext. intros; ring. }
  rewrite (sumn_swap m n). ring.
Qed.

Theorem lp_upper m n a c y x rl ru l u :
  (forall r, (r < m)%nat -> rl r <= sumn n (fun j => a r j * x j) <= ru r) ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  sumn n (fun j => c j * x j) <=
  sumn m (fun r => Rmax (y r * rl r) (y r * ru r)) +
  sumn n (fun j => Rmax (reduced m a c y j * l j) (reduced m a c y j * u j)).
Proof.
  intros Hr Hc. rewrite (lp_identity m n a c y x). apply Rplus_le_compat.
  - apply sumn_le. intros r H. apply between_max; auto.
  - apply sumn_le. intros j H. apply between_max; auto.
Qed.

(* a reduced cost that is only known to lie in [p, q] *)
Theorem reduced_between p q d l u x : p <= d <= q -> l <= x <= u ->
  d * x <= Rmax (Rmax (p * l) (p * u)) (Rmax (q * l) (q * u)).
Proof.
  intros Hd Hx. rewrite (Rmult_comm d x). eapply Rle_trans; [apply (between_max x p q d Hd)|].
  apply Rmax_lub; rewrite Rmult_comm.
  - eapply Rle_trans; [apply (between_max p l u x Hx)|]. apply Rmax_l.
  - eapply Rle_trans; [apply (between_max q l u x Hx)|]. apply Rmax_r.
Qed.
