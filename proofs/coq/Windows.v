(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Backward through layers of few products an output: sliding windows, averages,
   constant factors that are no doubles. *)
Require Import Reals Lra Lia Arith.
From Softbox Require Import Sums Propagation.
Open Scope R_scope.

(* A sum of which only the products of a list are taken: the others are 0, because the
   weight or the coefficient is. g and h are those of the list's length. *)
Theorem backward_window m n (La b z : nat -> R) (W : nat -> nat -> R) La' y my g h
  (p : nat -> nat -> bool) :
  (forall i, (i < m)%nat -> z i = sumn n (fun j => W i j * y j) + b i) ->
  (forall j, (j < n)%nat -> Rabs (y j) <= my j) ->
  (forall i j, (i < m)%nat -> (j < n)%nat -> p i j = false -> La i * W i j = 0) ->
  (forall j, (j < n)%nat ->
     Rabs (La' j - sumn m (fun i => if p i j then La i * W i j else 0))
       <= g * sumn m (fun i => if p i j then Rabs (La i) * Rabs (W i j) else 0) + h) ->
  sumn n (fun j => La' j * y j) + sumn m (fun i => La i * b i)
    - g * sumn m (fun i => Rabs (La i) * sumn n (fun j => Rabs (W i j) * my j))
    - h * sumn n my <= sumn m (fun i => La i * z i).
Proof.
  intros Hz Hy Hp HL. eapply backward_affine; eauto. intros j Hj. specialize (HL j Hj).
  rewrite (sumn_ext m (fun i => if p i j then La i * W i j else 0) (fun i => La i * W i j)) in HL.
  - rewrite (sumn_ext m (fun i => if p i j then Rabs (La i) * Rabs (W i j) else 0)
      (fun i => Rabs (La i) * Rabs (W i j))) in HL; auto.
    intros i Hi. destruct (p i j) eqn:E; auto. specialize (Hp i j Hi Hj E).
    rewrite <- Rabs_mult, Hp, Rabs_R0. reflexivity.
  - intros i Hi. destruct (p i j) eqn:E; auto. symmetry. auto.
Qed.

(* Output i is t_i times a sum, and t_i is known as centre a_i and radius. *)
Theorem backward_scaled m n (La t a rad z : nat -> R) (W : nat -> nat -> R) La' y my g h :
  (forall i, (i < m)%nat -> z i = t i * sumn n (fun j => W i j * y j)) ->
  (forall i, (i < m)%nat -> Rabs (t i - a i) <= rad i) ->
  (forall j, (j < n)%nat -> Rabs (y j) <= my j) ->
  (forall j, (j < n)%nat ->
     Rabs (La' j - sumn m (fun i => La i * (a i * W i j)))
       <= g * sumn m (fun i => Rabs (La i) * Rabs (a i * W i j)) + h) ->
  sumn n (fun j => La' j * y j)
    - sumn m (fun i => Rabs (La i) *
        ((g * Rabs (a i) + rad i) * sumn n (fun j => Rabs (W i j) * my j)))
    - h * sumn n my <= sumn m (fun i => La i * z i).
Proof.
  intros Hz Ht Hy HL.
  assert (A := backward_affine m n La (fun _ => 0)
    (fun i => sumn n (fun j => a i * W i j * y j)) (fun i j => a i * W i j) La' y my g h
    ltac:(intros; rewrite Rplus_0_r; reflexivity) Hy HL).
  assert (Q : sumn m (fun i => La i * sumn n (fun j => a i * W i j * y j))
    - sumn m (fun i => Rabs (La i) * (rad i * sumn n (fun j => Rabs (W i j) * my j)))
    <= sumn m (fun i => La i * z i)).
  { rewrite <- sumn_minus. apply sumn_le. intros i Hi. rewrite (Hz i Hi).
    rewrite (sumn_ext n (fun j => a i * W i j * y j) (fun j => a i * (W i j * y j)))
      by (intros; ring).
    rewrite sumn_scal. set (s := sumn n (fun j => W i j * y j)).
    assert (S : Rabs s <= sumn n (fun j => Rabs (W i j) * my j)).
    { unfold s. eapply Rle_trans; [apply sumn_abs|]. apply sumn_le. intros j Hj.
      rewrite Rabs_mult. apply Rmult_le_compat_l; auto using Rabs_pos. }
    set (v := sumn n (fun j => Rabs (W i j) * my j)) in *. clearbody s v.
    assert (D : La i * (a i * s) - La i * (t i * s) <= Rabs (La i) * (rad i * v)).
    { replace (La i * (a i * s) - La i * (t i * s)) with (La i * (- (t i - a i) * s)) by ring.
      eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|].
      rewrite Rabs_mult, Rabs_Ropp. apply Rmult_le_compat; auto using Rabs_pos. }
    lra. }
  assert (Z : sumn m (fun i => La i * 0) = 0).
  { rewrite (sumn_ext m _ (fun i => 0 * La i)) by (intros; ring). rewrite sumn_scal. ring. }
  cbv beta in A. rewrite Z in A. clear Z.
  assert (E : sumn m (fun i => Rabs (La i) *
        ((g * Rabs (a i) + rad i) * sumn n (fun j => Rabs (W i j) * my j)))
    = g * sumn m (fun i => Rabs (La i) * sumn n (fun j => Rabs (a i * W i j) * my j))
    + sumn m (fun i => Rabs (La i) * (rad i * sumn n (fun j => Rabs (W i j) * my j)))).
  { rewrite <- sumn_scal, <- sumn_plus. apply sumn_ext. intros i Hi.
    rewrite (sumn_ext n (fun j => Rabs (a i * W i j) * my j)
      (fun j => Rabs (a i) * (Rabs (W i j) * my j))) by (intros; rewrite Rabs_mult; ring).
    rewrite sumn_scal. ring. }
  rewrite E. lra.
Qed.
