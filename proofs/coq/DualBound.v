(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* A checker for LP bound certificates over exact rationals, and its soundness:
   what it accepts is a bound, whatever solver the multipliers came from.
   LP: x in R^n with  A x <= b  (rows) and box l <= x <= u.  Certificate: y >= 0.
   Checked bound on max c.x:  y.b + sum_j max over [l_j,u_j] of (c_j - (A^T y)_j) x_j. *)
Require Import List QArith Qminmax Lia Lqa ZArith.
Import ListNotations.
Open Scope Q_scope.
Arguments Qred : simpl never.
Arguments Qmult : simpl never.
Arguments Qplus : simpl never.
Arguments Qle_bool : simpl never.

Definition vec := list Q.
Fixpoint dot (a x : vec) : Q :=
  match a, x with p :: a', q :: x' => p * q + dot a' x' | _, _ => 0 end.
Fixpoint axpy (t : Q) (a c : vec) : vec :=   (* c - t a, length of c *)
  match a, c with p :: a', q :: c' => Qred (q - t * p) :: axpy t a' c' | _, _ => c end.

(* reduced cost vector c - A^T y and the value y.b *)
Fixpoint reduce (rows : list (vec * Q)) (y : vec) (c : vec) (v : Q) : vec * Q :=
  match rows, y with
  | (a, b) :: rows', t :: y' => reduce rows' y' (axpy t a c) (Qred (v + t * b))
  | _, _ => (c, v)
  end.

(* max of r.x over the box *)
Fixpoint boxmax (r : vec) (bx : list (Q * Q)) : Q :=
  match r, bx with
  | p :: r', (l, u) :: bx' => Qred ((if Qle_bool 0 p then p * u else p * l) + boxmax r' bx')
  | _, _ => 0
  end.

Fixpoint nonneg (y : vec) : bool := match y with [] => true | t :: y' => Qle_bool 0 t && nonneg y' end.
Fixpoint samelen (n : nat) (rows : list (vec * Q)) : bool :=
  match rows with [] => true | (a, _) :: r => Nat.eqb (length a) n && samelen n r end.

Definition check (rows : list (vec * Q)) (bx : list (Q * Q)) (c y : vec) (bound : Q) : bool :=
  let n := length bx in
  Nat.eqb (length c) n && samelen n rows && nonneg y &&
  (let (r, v) := reduce rows y c 0 in Qle_bool (v + boxmax r bx) bound).

Fixpoint feas_rows (rows : list (vec * Q)) (x : vec) : Prop :=
  match rows with [] => True | (a, b) :: r => dot a x <= b /\ feas_rows r x end.
Fixpoint in_box (bx : list (Q * Q)) (x : vec) : Prop :=
  match bx, x with
  | [], [] => True
  | (l, u) :: bx', q :: x' => l <= q <= u /\ in_box bx' x'
  | _, _ => False
  end.

Lemma dot_axpy t : forall a c x, length a = length c -> length c = length x ->
  dot (axpy t a c) x == dot c x - t * dot a x.
Proof.
  induction a as [|p a IH]; intros [|q c] [|z x] H1 H2; simpl in *; try discriminate; try ring.
  setoid_rewrite Qred_correct. rewrite IH by lia. ring.
Qed.

Lemma axpy_len t : forall a c, length (axpy t a c) = length c.
Proof. induction a as [|p a IH]; intros [|q c]; simpl; auto. Qed.

Lemma reduce_sound x : forall rows y c v, length c = length x ->
  samelen (length c) rows = true -> nonneg y = true -> feas_rows rows x ->
  let (r, w) := reduce rows y c v in length r = length c /\ dot c x + v <= dot r x + w.
Proof.
  induction rows as [|[a b] rows IH]; intros y c v Hl Hs Hy Hf; simpl.
  - split; [auto|lra].
  - destruct y as [|t y]; [split; [auto|lra]|].
    simpl in Hs, Hy, Hf. apply andb_prop in Hs. destruct Hs as [Ha Hs].
    apply andb_prop in Hy. destruct Hy as [Ht Hy]. apply Qle_bool_iff in Ht.
    apply Nat.eqb_eq in Ha. destruct Hf as [Hab Hf].
    specialize (IH y (axpy t a c) (Qred (v + t * b))).
    rewrite axpy_len in IH. specialize (IH Hl Hs Hy Hf).
    destruct (reduce rows y (axpy t a c) (Qred (v + t * b))) as [r w].
    destruct IH as [IL IH]. split; auto. eapply Qle_trans; [|exact IH].
    rewrite dot_axpy by lia. setoid_rewrite Qred_correct. nra.
Qed.

Lemma boxmax_sound : forall r bx x, length r = length bx -> in_box bx x -> dot r x <= boxmax r bx.
Proof.
  induction r as [|p r IH]; intros [|[l u] bx] [|z x] HL HB; simpl in *; try discriminate; try contradiction; try lra.
  destruct HB as [[H1 H2] HB]. setoid_rewrite Qred_correct. apply Qplus_le_compat; [|apply IH; auto].
  destruct (Qle_bool 0 p) eqn:E.
  - apply Qle_bool_iff in E. nra.
  - assert (p <= 0). { destruct (Qlt_le_dec 0 p) as [G|G]; [|auto].
      assert (0 <= p) by lra. apply Qle_bool_iff in H. congruence. }
    nra.
Qed.

Lemma in_box_len : forall bx x, in_box bx x -> length bx = length x.
Proof. induction bx as [|[l u] bx IH]; intros [|z x] H; simpl in *; try contradiction; auto. f_equal; apply IH; tauto. Qed.

Theorem check_sound rows bx c y bound : check rows bx c y bound = true ->
  forall x, feas_rows rows x -> in_box bx x -> dot c x <= bound.
Proof.
  unfold check. intros H x Hf Hb.
  apply andb_prop in H. destruct H as [H H4]. apply andb_prop in H. destruct H as [H H3].
  apply andb_prop in H. destruct H as [H1 H2]. apply Nat.eqb_eq in H1.
  assert (L := in_box_len bx x Hb).
  assert (S := reduce_sound x rows y c 0). rewrite H1 in S. specialize (S L H2 H3 Hf).
  destruct (reduce rows y c 0) as [r v]. destruct S as [SL S]. apply Qle_bool_iff in H4.
  assert (B := boxmax_sound r bx x ltac:(lia) Hb). lra.
Qed.
