(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Affine bounds of functions of several variables: products, quotients, squares, the
   largest of several; and the backward step through outputs that have a plane below and
   one above. *)
Require Import Reals Lra Lia Arith.
From Flocq Require Import Core.
From Softbox Require Import Sums Propagation.
Open Scope R_scope.

(* ---- a product around the centres ----------------------------------------------- *)
Theorem product_centre x y p q r s :
  Rabs (x - p) <= r -> Rabs (y - q) <= s ->
  q * x + p * y - p * q - r * s <= x * y <= q * x + p * y - p * q + r * s.
Proof.
  intros Hx Hy.
  assert (Q : Rabs ((x - p) * (y - q)) <= r * s).
  { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. }
  apply Rabs_le_inv in Q. lra.
Qed.

(* a dot product of two variables: M is what the program has for p.q *)
Theorem dot_centre n (a b p q r s : nat -> R) M e R' :
  (forall k, (k < n)%nat -> Rabs (a k - p k) <= r k) ->
  (forall k, (k < n)%nat -> Rabs (b k - q k) <= s k) ->
  Rabs (M - sumn n (fun k => p k * q k)) <= e ->
  sumn n (fun k => r k * s k) <= R' ->
  sumn n (fun k => q k * a k + p k * b k) + (- M - (R' + e)) <= sumn n (fun k => a k * b k)
    <= sumn n (fun k => q k * a k + p k * b k) + (- M + (R' + e)).
Proof.
  intros Ha Hb HM HR. apply Rabs_le_inv in HM.
  assert (L : sumn n (fun k => q k * a k + p k * b k - p k * q k - r k * s k)
    <= sumn n (fun k => a k * b k)).
  { apply sumn_le. intros k Hk. apply product_centre; auto. }
  assert (U : sumn n (fun k => a k * b k)
    <= sumn n (fun k => q k * a k + p k * b k - p k * q k + r k * s k)).
  { apply sumn_le. intros k Hk. apply product_centre; auto. }
  rewrite sumn_minus, sumn_minus in L. rewrite sumn_plus, sumn_minus in U. lra.
Qed.

(* where the a_k are weights, that is, sum to 1: around m *)
Theorem dot_weights n (a b p q r s : nat -> R) m M e R' :
  sumn n a = 1 ->
  (forall k, (k < n)%nat -> Rabs (a k - p k) <= r k) ->
  (forall k, (k < n)%nat -> Rabs (b k - (m + q k)) <= s k) ->
  Rabs (M - sumn n (fun k => p k * (m + q k))) <= e ->
  sumn n (fun k => r k * s k) <= R' ->
  sumn n (fun k => q k * a k + p k * b k) + (m - M - (R' + e)) <= sumn n (fun k => a k * b k)
    <= sumn n (fun k => q k * a k + p k * b k) + (m - M + (R' + e)).
Proof.
  intros H1 Ha Hb HM HR.
  assert (E1 : sumn n (fun k => p k * (m + q k)) = m * sumn n p + sumn n (fun k => p k * q k)).
  { rewrite <- sumn_scal, <- sumn_plus. apply sumn_ext. intros; ring. }
  assert (E2 : sumn n (fun k => a k * (b k - m)) = sumn n (fun k => a k * b k) - m).
  { rewrite (sumn_ext n _ (fun k => a k * b k - m * a k)) by (intros; ring).
    rewrite sumn_minus, sumn_scal, H1. ring. }
  assert (E3 : sumn n (fun k => q k * a k + p k * (b k - m)) =
    sumn n (fun k => q k * a k + p k * b k) - m * sumn n p).
  { rewrite (sumn_ext n _ (fun k => q k * a k + p k * b k - m * p k)) by (intros; ring).
    rewrite sumn_minus, sumn_scal. ring. }
  assert (D := dot_centre n a (fun k => b k - m) p q r s (M - m * sumn n p) e R' Ha).
  cbv beta in D. rewrite E2, E3 in D.
  destruct D as [D1 D2]; auto; try lra.
  - intros k Hk. replace (b k - m - q k) with (b k - (m + q k)) by ring. auto.
  - rewrite E1 in HM.
    replace (M - m * sumn n p - sumn n (fun k => p k * q k))
      with (M - (m * sumn n p + sumn n (fun k => p k * q k))) by ring. auto.
Qed.

(* a mean lies in the hull *)
Theorem weights_hull n (a b : nat -> R) l u :
  sumn n a = 1 -> (forall k, (k < n)%nat -> 0 <= a k) ->
  (forall k, (k < n)%nat -> l <= b k <= u) -> l <= sumn n (fun k => a k * b k) <= u.
Proof.
  intros H1 Ha Hb. split.
  - replace l with (l * sumn n a) by (rewrite H1; ring). rewrite <- sumn_scal.
    apply sumn_le. intros k Hk. specialize (Ha k Hk). specialize (Hb k Hk). nra.
  - replace u with (u * sumn n a) by (rewrite H1; ring). rewrite <- sumn_scal.
    apply sumn_le. intros k Hk. specialize (Ha k Hk). specialize (Hb k Hk). nra.
Qed.

(* ---- a quotient ------------------------------------------------------------------- *)

(* at one x: the least value of x / y - b y is at an end of y ... *)
Theorem quotient_ends x b l u y :
  0 < l -> l <= y <= u ->
  x <= 0 \/ 0 <= b \/ x <= - b * l * l \/ - b * u * u <= x ->
  Rmin (x / l - b * l) (x / u - b * u) <= x / y - b * y.
Proof.
  intros Hl [H1 H2] H. assert (Hy : 0 < y) by lra. assert (Hu : 0 < u) by lra.
  assert (D1 : x / y - b * y - (x / l - b * l) = (y - l) * (- (x / (y * l)) - b)) by (field; lra).
  assert (D2 : x / y - b * y - (x / u - b * u) = (u - y) * (x / (y * u) + b)) by (field; lra).
  assert (I : / (y * u) <= / (y * l)) by (apply Rinv_le_contravar; nra).
  assert (Pl : 0 < / (y * l)) by (apply Rinv_0_lt_compat; nra).
  assert (Pu : 0 < / (y * u)) by (apply Rinv_0_lt_compat; nra).
  unfold Rdiv in D1, D2. unfold Rdiv.
  assert (C : 0 <= - (x * / (y * l)) - b \/ 0 <= x * / (y * u) + b).
  { destruct (Rle_lt_dec 0 (- (x * / (y * l)) - b)) as [|N]; [auto|right].
    destruct (Rle_lt_dec x 0) as [X|X]; [nra|].
    destruct (Rle_lt_dec 0 b) as [B|B]; [nra|].
    destruct H as [H|[H|[H|H]]]; try lra.
    - exfalso. assert (x * / (y * l) <= - b); [|lra].
      apply (Rmult_le_reg_r (y * l)); [nra|]. rewrite Rmult_assoc, Rinv_l by nra. nra.
    - assert (- b <= x * / (y * u)); [|lra].
      apply (Rmult_le_reg_r (y * u)); [nra|]. rewrite Rmult_assoc, Rinv_l by nra. nra. }
  destruct C as [C|C].
  - eapply Rle_trans; [apply Rmin_l|]. assert (0 <= (y - l) * (- (x * / (y * l)) - b)) by nra. lra.
  - eapply Rle_trans; [apply Rmin_r|]. assert (0 <= (u - y) * (x * / (y * u) + b)) by nra. lra.
Qed.

(* ... or at least this, which it has at sqrt (- x / b) *)
Theorem quotient_critical x b y :
  0 < x -> b < 0 -> 0 < y -> 2 * sqrt (- b * x) <= x / y - b * y.
Proof.
  intros Hx Hb Hy.
  assert (P : 0 <= x / y) by (apply Rlt_le, Rdiv_lt_0_compat; auto).
  assert (Q : 0 <= - b * y) by nra.
  replace (- b * x) with (x / y * (- b * y)) by (field; lra).
  rewrite sqrt_mult by auto.
  assert (S1 := sqrt_sqrt _ P). assert (S2 := sqrt_sqrt _ Q).
  assert (0 <= (sqrt (x / y) - sqrt (- b * y)) * (sqrt (x / y) - sqrt (- b * y))) by apply Rle_0_sqr.
  nra.
Qed.

(* over x too *)
Theorem quotient_linear x l u y a b c :
  l <= x <= u -> c <= l / y - a * l - b * y -> c <= u / y - a * u - b * y ->
  c <= x / y - a * x - b * y.
Proof.
  intros Hx Hl Hu. unfold Rdiv in *. set (k := / y) in *.
  destruct (Rle_lt_dec 0 (k - a)); nra.
Qed.

(* ---- a square ------------------------------------------------------------------------ *)
Theorem square_tangent x c : 2 * c * x - c * c <= x * x.
Proof. assert (0 <= (x - c) * (x - c)) by apply Rle_0_sqr. lra. Qed.

Theorem square_chord x l u s :
  l <= x <= u -> x * x - s * x <= Rmax (l * l - s * l) (u * u - s * u).
Proof.
  intros H. destruct (Rle_lt_dec (x + l - s) 0).
  - eapply Rle_trans; [|apply Rmax_l]. nra.
  - eapply Rle_trans; [|apply Rmax_r]. nra.
Qed.

(* ---- the largest of several ------------------------------------------------------------ *)

(* a plane above each of them, so above the largest *)
Theorem largest_plane n i (x l u a : nat -> R) c :
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  (forall j, (j < n)%nat -> 0 <= a j <= 1) -> (i < n)%nat ->
  (1 - a i) * u i + a i * l i - sumn n (fun j => a j * l j) <= c ->
  x i <= sumn n (fun j => a j * x j) + c.
Proof.
  intros Hx Ha Hi Hc.
  assert (S : a i * (x i - l i) <= sumn n (fun j => a j * (x j - l j))).
  { rewrite (sumn_split n i (fun j => a j * (x j - l j))) by auto.
    assert (0 <= others n i (fun j => a j * (x j - l j))); [|lra].
    apply others_nonneg. intros j Hj _. specialize (Hx j Hj). specialize (Ha j Hj).
    apply Rmult_le_pos; lra. }
  rewrite (sumn_ext n _ (fun j => a j * x j - a j * l j)), sumn_minus in S by (intros; ring).
  specialize (Hx i Hi). specialize (Ha i Hi).
  assert (0 <= (1 - a i) * (u i - x i)) by (apply Rmult_le_pos; lra). lra.
Qed.

(* ---- backward through outputs with two planes ---------------------------------------------- *)
Theorem backward_sides m n (La z bl bu : nat -> R) (Al Au : nat -> nat -> R) La' y my g h :
  let W i j := if Rle_dec 0 (La i) then Al i j else Au i j in
  let b i := if Rle_dec 0 (La i) then bl i else bu i in
  (forall i, (i < m)%nat -> sumn n (fun j => Al i j * y j) + bl i <= z i
                              <= sumn n (fun j => Au i j * y j) + bu i) ->
  (forall j, (j < n)%nat -> Rabs (y j) <= my j) ->
  (forall j, (j < n)%nat ->
     Rabs (La' j - sumn m (fun i => La i * W i j))
       <= g * sumn m (fun i => Rabs (La i) * Rabs (W i j)) + h) ->
  sumn n (fun j => La' j * y j) + sumn m (fun i => La i * b i)
    - g * sumn m (fun i => Rabs (La i) * sumn n (fun j => Rabs (W i j) * my j))
    - h * sumn n my <= sumn m (fun i => La i * z i).
Proof.
  intros W b Hz Hy HL.
  eapply Rle_trans.
  - apply (backward_affine m n La b (fun i => sumn n (fun j => W i j * y j) + b i) W La' y my g h);
      auto.
  - apply sumn_le. intros i Hi. specialize (Hz i Hi). unfold W, b.
    destruct (Rle_dec 0 (La i)).
    + apply Rmult_le_compat_l; lra.
    + assert (0 <= - La i * (sumn n (fun j => Au i j * y j) + bu i - z i));
        [apply Rmult_le_pos; lra|lra].
Qed.
