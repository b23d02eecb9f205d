(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Finite sums. A vector is a function nat -> R read at 0 .. n-1; this is all
   the linear algebra that the other theories need. *)
Require Import Reals Lra Lia Arith.
Open Scope R_scope.

Fixpoint sumn (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S k => sumn k f + f k end.

Lemma sumn_ext n f g : (forall j, (j < n)%nat -> f j = g j) -> sumn n f = sumn n g.
Proof.
  induction n as [|n IH]; intros H; simpl; [reflexivity|].
  rewrite (H n), IH; auto with arith.
Qed.

Lemma sumn_le n f g : (forall j, (j < n)%nat -> f j <= g j) -> sumn n f <= sumn n g.
Proof.
  induction n as [|n IH]; intros H; simpl; [lra|].
  apply Rplus_le_compat; [apply IH; auto with arith | apply H; auto with arith].
Qed.

Lemma sumn_scal n c f : sumn n (fun j => c * f j) = c * sumn n f.
Proof. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sumn_plus n f g : sumn n (fun j => f j + g j) = sumn n f + sumn n g.
Proof. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sumn_nonneg n f : (forall j, (j < n)%nat -> 0 <= f j) -> 0 <= sumn n f.
Proof.
  induction n as [|n IH]; intros H; simpl; [lra|].
  apply Rplus_le_le_0_compat; [apply IH; auto with arith | apply H; auto with arith].
Qed.

Lemma sumn_pos n f : (0 < n)%nat -> (forall j, (j < n)%nat -> 0 < f j) -> 0 < sumn n f.
Proof.
  destruct n as [|n]; [lia|]. intros _ H; simpl.
  apply Rplus_le_lt_0_compat; [apply sumn_nonneg; intros; apply Rlt_le, H; lia | apply H; lia].
Qed.

Lemma sumn_abs n f : Rabs (sumn n f) <= sumn n (fun j => Rabs (f j)).
Proof.
  induction n as [|n IH]; simpl; [rewrite Rabs_R0; lra|].
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

(* the sum with term i left out *)
Definition others (n i : nat) (f : nat -> R) : R :=
  sumn n (fun j => if Nat.eq_dec j i then 0 else f j).

Lemma sumn_split n i f : (i < n)%nat -> sumn n f = f i + others n i f.
Proof.
  unfold others. induction n as [|n IH]; [lia|]. intros Hi; simpl.
  destruct (Nat.eq_dec n i) as [E|E].
  - subst i. rewrite (sumn_ext n (fun j => if Nat.eq_dec j n then 0 else f j) f).
    + ring.
    + intros j Hj. destruct (Nat.eq_dec j n); [lia|reflexivity].
  - rewrite IH by lia. ring.
Qed.

Lemma sumn_const n c : sumn n (fun _ => c) = INR n * c.
Proof. induction n as [|n IH]; [simpl; ring|]. rewrite S_INR. cbn [sumn]. rewrite IH; ring. Qed.

Lemma sumn_minus n f g : sumn n (fun j => f j - g j) = sumn n f - sumn n g.
Proof. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sumn_scal_r n c f : sumn n (fun j => f j * c) = sumn n f * c.
Proof. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.

(* the order of two sums may be exchanged *)
Lemma sumn_swap m n (f : nat -> nat -> R) :
  sumn m (fun i => sumn n (fun j => f i j)) = sumn n (fun j => sumn m (fun i => f i j)).
Proof.
  induction m as [|m IH]; cbn [sumn].
  - rewrite sumn_const. ring.
  - rewrite IH, <- sumn_plus. reflexivity.
Qed.

Lemma others_le n i f g : (forall j, (j < n)%nat -> j <> i -> f j <= g j) ->
  others n i f <= others n i g.
Proof.
  intros H. unfold others. apply sumn_le. intros j Hj. destruct (Nat.eq_dec j i); [lra|auto].
Qed.

Lemma others_nonneg n i f : (forall j, (j < n)%nat -> j <> i -> 0 <= f j) ->
  0 <= others n i f.
Proof.
  intros H. unfold others. apply sumn_nonneg. intros j Hj. destruct (Nat.eq_dec j i); [lra|auto].
Qed.

Lemma others_ext n i f g : (forall j, (j < n)%nat -> j <> i -> f j = g j) ->
  others n i f = others n i g.
Proof.
  intros H. unfold others. apply sumn_ext. intros j Hj. destruct (Nat.eq_dec j i); [reflexivity|auto].
Qed.

Lemma others_scal n i c f : others n i (fun j => c * f j) = c * others n i f.
Proof.
  unfold others. rewrite <- sumn_scal. apply sumn_ext. intros j _.
  destruct (Nat.eq_dec j i); ring.
Qed.
