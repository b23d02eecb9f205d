(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Affine bounds of v . softmax(x) over a box: any multiplier proves a piece. *)
Require Import Reals Lra Lia Arith.
From Softbox Require Import Sums Softmax Relaxations Functional.
Open Scope R_scope.

Definition term (a k y : R) := - a * y + k * exp y.

(* what the point x says of the threshold r *)
Definition lagrange n (v a x : nat -> R) (mu r : R) :=
  r + sumn n (fun j => term (a j) (mu * (v j - r)) (x j)).

Lemma lagrange_affine n v a x mu r :
  lagrange n v a x mu r =
  r - sumn n (fun j => a j * x j) +
  mu * (sumn n (fun j => v j * exp (x j)) - r * sumn n (fun j => exp (x j))).
Proof.
  unfold lagrange, term.
  rewrite (sumn_ext n _ (fun j => - (a j * x j) +
    mu * (v j * exp (x j) - r * exp (x j)))).
  2:{ intros; ring. }
  rewrite sumn_plus, sumn_scal, sumn_minus, sumn_scal.
  rewrite (sumn_ext n (fun j => - (a j * x j)) (fun j => -1 * (a j * x j))).
  2:{ intros; ring. }
  rewrite sumn_scal. ring.
Qed.

Theorem functional_piece n v a x l u mu t1 t2 M1 M2 : (0 < n)%nat ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  (forall j y, (j < n)%nat -> l j <= y <= u j -> term (a j) (mu * (v j - t1)) y <= M1 j) ->
  (forall j y, (j < n)%nat -> l j <= y <= u j -> term (a j) (mu * (v j - t2)) y <= M2 j) ->
  let t := sumn n (fun j => v j * softmax n x j) in
  t1 <= t <= t2 ->
  t <= sumn n (fun j => a j * x j) + Rmax (t1 + sumn n M1) (t2 + sumn n M2).
Proof.
  intros Hn Hx H1 H2 t Ht.
  assert (Hs : 0 < sumn n (fun j => exp (x j))) by (apply sumexp_pos; auto).
  assert (E : t = value n v (fun j => exp (x j))) by (apply functional_softmax; auto).
  unfold value in E.
  assert (Z : sumn n (fun j => v j * exp (x j)) - t * sumn n (fun j => exp (x j)) = 0).
  { rewrite E. field. lra. }
  assert (B1 : lagrange n v a x mu t1 <= t1 + sumn n M1).
  { unfold lagrange. apply Rplus_le_compat_l, sumn_le. intros; apply H1; auto. }
  assert (B2 : lagrange n v a x mu t2 <= t2 + sumn n M2).
  { unfold lagrange. apply Rplus_le_compat_l, sumn_le. intros; apply H2; auto. }
  rewrite lagrange_affine in B1, B2.
  set (S := sumn n (fun j => exp (x j))) in *.
  set (V := sumn n (fun j => v j * exp (x j))) in *.
  set (A := sumn n (fun j => a j * x j)) in *.
  replace (V - t1 * S) with ((t - t1) * S) in B1 by (unfold Rminus in *; nra).
  replace (V - t2 * S) with ((t - t2) * S) in B2 by (unfold Rminus in *; nra).
  destruct (Rle_dec 1 (mu * S)) as [C|C].
  - assert (t - A <= t1 - A + mu * ((t - t1) * S)) by nra.
    assert (G := Rmax_l (t1 + sumn n M1) (t2 + sumn n M2)). lra.
  - assert (t - A <= t2 - A + mu * ((t - t2) * S)) by nra.
    assert (G := Rmax_r (t1 + sumn n M1) (t2 + sumn n M2)). lra.
Qed.

(* a term with k >= 0 is largest at an end *)
Theorem term_convex a k l u y : 0 <= k -> l <= y <= u ->
  term a k y <= Rmax (term a k l) (term a k u).
Proof.
  intros Hk [H1 H2]. unfold term. destruct (Req_dec l u) as [E|E].
  - replace y with l by lra. apply Rmax_l.
  - set (w := (y - l) / (u - l)).
    assert (Hw : 0 <= w <= 1).
    { unfold w. split.
      - apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat. lra.
      - apply (Rmult_le_reg_r (u - l)); [lra|]. replace ((y - l) / (u - l) * (u - l)) with (y - l) by (field; lra). lra. }
    assert (Hy : y = (1 - w) * l + w * u) by (unfold w; field; lra).
    assert (Hc : exp y <= (1 - w) * exp l + w * exp u).
    { eapply Rle_trans; [apply (exp_le_chord l u y); lra|]. unfold chord, w. right. field. lra. }
    assert (Q : - a * y + k * exp y <=
      (1 - w) * (- a * l + k * exp l) + w * (- a * u + k * exp u)) by (rewrite Hy at 1; nra).
    eapply Rle_trans; [exact Q|].
    assert (GL := Rmax_l (- a * l + k * exp l) (- a * u + k * exp u)).
    assert (GR := Rmax_r (- a * l + k * exp l) (- a * u + k * exp u)). nra.
Qed.

(* one with k <= 0 lies below a line, for any e not above e^z *)
Theorem term_concave a k e z y : k <= 0 -> 0 < e -> e <= exp z ->
  term a k y <= - a * y + k * (e * (1 + y - z)).
Proof.
  intros Hk He Hz. unfold term.
  assert (L : ln e <= z).
  { rewrite <- (ln_exp z). destruct Hz as [Hz|Hz].
    - left. apply ln_increasing; auto.
    - rewrite Hz. lra. }
  assert (T := tangent_le_exp (ln e) y). rewrite exp_ln in T; auto.
  assert (e * (1 + y - z) <= exp y) by nra. nra.
Qed.

(* a constant may be taken out of v, and p_j >= 0 lets coefficients be rounded up *)
Theorem functional_shift n v w k p b : sumn n p = 1 ->
  (forall j, (j < n)%nat -> 0 <= p j /\ v j - w <= k j /\ k j * p j <= b j) ->
  sumn n (fun j => v j * p j) <= w + sumn n b.
Proof.
  intros H1 H.
  replace (sumn n (fun j => v j * p j)) with (w + sumn n (fun j => (v j - w) * p j)).
  2:{ rewrite (sumn_ext n (fun j => (v j - w) * p j) (fun j => v j * p j - w * p j)).
      2:{ intros; ring. }
      rewrite sumn_minus, sumn_scal, H1. ring. }
  apply Rplus_le_compat_l, sumn_le. intros j Hj. destruct (H j Hj) as [A [B C]]. nra.
Qed.
