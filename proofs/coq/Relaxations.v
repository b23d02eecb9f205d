(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Bounds of softmax, log-softmax and log-sum-exp by simpler functions: the
   exponential-reciprocal (ER) and the log-sum-exp (LSE) bounds, and their
   tangent planes. Everything rests on the tangent and the chord of exp. *)
Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Softbox Require Import Sums Softmax.
Open Scope R_scope.

(* ---- (c) tangent and chord ------------------------------------------------ *)
Lemma exp_ge_1px x : 1 + x <= exp x.
Proof.
  destruct (Req_dec x 0) as [->|H]; [rewrite exp_0; lra|].
  left. apply exp_ineq1; auto.
Qed.

Theorem tangent_le_exp c x : exp c * (1 + (x - c)) <= exp x.
Proof.
  replace (exp x) with (exp c * exp (x - c)) by (rewrite <- exp_plus; f_equal; ring).
  apply Rmult_le_compat_l; [left; apply exp_pos | apply exp_ge_1px].
Qed.

Definition chord (l u x : R) : R := exp l + (exp u - exp l) / (u - l) * (x - l).

(* weighted form, proved from the tangent at the mixed point: no derivative is needed *)
Lemma exp_convex a b t : 0 <= t <= 1 ->
  exp (t * a + (1 - t) * b) <= t * exp a + (1 - t) * exp b.
Proof.
  intros Ht. set (c := t * a + (1 - t) * b).
  assert (Ha := tangent_le_exp c a). assert (Hb := tangent_le_exp c b).
  assert (E : exp c = t * (exp c * (1 + (a - c))) + (1 - t) * (exp c * (1 + (b - c)))).
  { unfold c at 3 5. ring. }
  rewrite E.
  apply Rplus_le_compat; apply Rmult_le_compat_l; lra.
Qed.

(* for l = u the formula reads e^l, since 0 times anything is 0 *)
Lemma chord_point l x : chord l l x = exp l.
Proof. unfold chord, Rdiv. ring. Qed.

Theorem exp_le_chord l u x : l <= x <= u -> exp x <= chord l u x.
Proof.
  intros Hx. destruct (Req_dec l u) as [<-|Hne].
  { rewrite chord_point. right. f_equal. lra. }
  assert (Hlu : l < u) by lra. unfold chord. set (t := (u - x) / (u - l)).
  assert (Ht : 0 <= t <= 1).
  { unfold t. split; [apply Rdiv_le_0_compat; lra|].
    apply (Rmult_le_reg_r (u - l)); [lra|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l; lra. }
  assert (H := exp_convex l u t Ht).
  replace (t * l + (1 - t) * u) with x in H by (unfold t; field; lra).
  eapply Rle_trans; [exact H|]. right. unfold t. field. lra.
Qed.

(* ---- (b) lower bounds ----------------------------------------------------- *)
Lemma Rdiv_le_r a b c : 0 <= a -> 0 < b -> b <= c -> a / c <= a / b.
Proof.
  intros Ha Hb Hbc. unfold Rdiv. apply Rmult_le_compat_l; auto. apply Rinv_le_contravar; lra.
Qed.

(* LSE lower bound: exp(x_i) / sum of chords *)
Theorem lse_lower n x l u i : (i < n)%nat ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  exp (x i) / sumn n (fun j => chord (l j) (u j) (x j)) <= softmax n x i.
Proof.
  intros Hi H. unfold softmax. apply Rdiv_le_r.
  - left; apply exp_pos.
  - apply sumexp_pos; lia.
  - apply sumn_le. intros j Hj. apply exp_le_chord; auto.
Qed.

(* ER lower bound: 1 / sum of chords, in the differences x_j - x_i. Any ranges
   [dl_j, du_j] of the differences will do; a box gives [l_j - u_i, u_j - l_i]. *)
Theorem er_lower n x dl du i : (i < n)%nat ->
  (forall j, (j < n)%nat -> j <> i -> dl j <= x j - x i <= du j) ->
  1 / (1 + others n i (fun j => chord (dl j) (du j) (x j - x i))) <= softmax n x i.
Proof.
  intros Hi H. rewrite softmax_alt by auto. apply Rdiv_le_r; [lra| |].
  - assert (0 <= others n i (fun j => exp (x j - x i))); [|lra].
    apply others_nonneg. intros. left; apply exp_pos.
  - apply Rplus_le_compat_l, others_le. intros j Hj E. apply exp_le_chord; auto.
Qed.

(* LSE* lower bound: the same about a pivot k, which may differ from i *)
Lemma softmax_pivot n x i k : (i < n)%nat -> (k < n)%nat ->
  softmax n x i = exp (x i - x k) / (1 + others n k (fun j => exp (x j - x k))).
Proof.
  intros Hi Hk. rewrite <- (softmax_shift n x (x k) i Hi). unfold softmax.
  rewrite (sumn_split n k) by auto. replace (x k - x k) with 0 by ring. rewrite exp_0.
  reflexivity.
Qed.

Theorem lse_star_lower n x dl du i k : (i < n)%nat -> (k < n)%nat ->
  (forall j, (j < n)%nat -> j <> k -> dl j <= x j - x k <= du j) ->
  exp (x i - x k) / (1 + others n k (fun j => chord (dl j) (du j) (x j - x k)))
    <= softmax n x i.
Proof.
  intros Hi Hk H. rewrite (softmax_pivot n x i k) by auto. apply Rdiv_le_r.
  - left; apply exp_pos.
  - assert (0 <= others n k (fun j => exp (x j - x k))); [|lra].
    apply others_nonneg. intros. left; apply exp_pos.
  - apply Rplus_le_compat_l, others_le. intros j Hj E. apply exp_le_chord; auto.
Qed.

(* ---- upper bounds ------------------------------------------------------------- *)
(* ER upper bound: 1/q lies under its chord between q = 1/p_hi and q = 1/p_lo *)
Theorem er_upper n x i plo phi : (i < n)%nat -> 0 < plo -> plo <= softmax n x i <= phi ->
  softmax n x i <= plo + phi - plo * phi * (1 + others n i (fun j => exp (x j - x i))).
Proof.
  intros Hi Hp Hs. assert (E := softmax_alt n x i Hi).
  set (q := 1 + others n i (fun j => exp (x j - x i))) in *.
  set (p := softmax n x i) in *.
  assert (Q : 0 < q).
  { unfold q. assert (0 <= others n i (fun j => exp (x j - x i))); [|lra].
    apply others_nonneg. intros. left; apply exp_pos. }
  assert (PQ : p * q = 1) by (rewrite E; field; lra).
  assert (Z : 0 <= (p - plo) * (phi - p)) by (apply Rmult_le_pos; lra).
  assert (Y : 0 <= (p - plo) * (phi - p) * q) by (apply Rmult_le_pos; lra).
  replace ((p - plo) * (phi - p) * q)
    with (phi * (p * q) - p * (p * q) - plo * phi * q + plo * (p * q)) in Y by ring.
  rewrite PQ in Y. lra.
Qed.

(* Upper bound: p = exp(log p) lies under the chord of exp between log p_lo and log p_hi;
   log p = x_i - LSE(x) is concave, so the bound is concave in x. *)
Lemma softmax_exp_lse n x i : (i < n)%nat -> softmax n x i = exp (x i - lse n x).
Proof.
  intros Hi. unfold softmax, lse, Rminus, Rdiv.
  rewrite exp_plus, exp_Ropp, exp_ln; [reflexivity|apply sumexp_pos; lia].
Qed.

Theorem lse_upper n x i plo phi : (i < n)%nat -> 0 < plo ->
  plo <= softmax n x i <= phi ->
  softmax n x i <= chord (ln plo) (ln phi) (x i - lse n x).
Proof.
  intros Hi Hp Hs. rewrite softmax_exp_lse at 1 by auto.
  rewrite (softmax_exp_lse n x i Hi) in Hs.
  assert (E := exp_pos (x i - lse n x)). apply exp_le_chord. split.
  - rewrite <- (ln_exp (x i - lse n x)). apply ln_le'; lra.
  - rewrite <- (ln_exp (x i - lse n x)) at 1. apply ln_le'; lra.
Qed.

(* the same in the form of the paper, L = -log p *)
Lemma lse_upper_closed plo phi L : 0 < plo < phi ->
  chord (ln plo) (ln phi) (- L) =
  (plo * ln phi - phi * ln plo - (phi - plo) * L) / (ln phi - ln plo).
Proof.
  intros H. assert (ln plo < ln phi) by (apply ln_increasing; lra).
  unfold chord. rewrite !exp_ln by lra. field. lra.
Qed.

(* shift bounds used by every stable program: max <= LSE <= max + ln n *)
Theorem lse_max n x m : (0 < n)%nat -> (forall j, (j < n)%nat -> x j <= m) ->
  (exists j, (j < n)%nat /\ x j = m) -> m <= lse n x <= m + ln (INR n).
Proof.
  intros Hn Hm [j [Hj Ej]]. unfold lse.
  assert (Hexp : forall a b, a <= b -> exp a <= exp b).
  { intros a b [H|H]; [left; apply exp_increasing; auto|subst; lra]. }
  assert (0 < INR n) by (apply lt_0_INR; auto).
  split.
  - rewrite <- (ln_exp m) at 1. apply Rcomplements.ln_le; [apply exp_pos|].
    rewrite (sumn_split n j) by auto. rewrite Ej.
    assert (0 <= others n j (fun k => exp (x k))); [|lra].
    apply sumn_nonneg; intros k _; destruct (Nat.eq_dec k j); [lra|left; apply exp_pos].
  - replace (m + ln (INR n)) with (ln (INR n * exp m)).
    2:{ rewrite ln_mult, ln_exp; [ring|auto|apply exp_pos]. }
    apply Rcomplements.ln_le; [apply sumexp_pos; auto|].
    rewrite <- sumn_const. apply sumn_le; auto.
Qed.

(* ---- tangent planes -------------------------------------------------------------- *)
Theorem recip_tangent A A0 : 0 < A -> 0 < A0 -> 1 / A0 - (A - A0) / (A0 * A0) <= 1 / A.
Proof.
  intros HA H0. assert (I : 0 < A * (A0 * A0)) by (apply Rmult_lt_0_compat; nra).
  apply (Rmult_le_reg_r (A * (A0 * A0))); auto.
  replace ((1 / A0 - (A - A0) / (A0 * A0)) * (A * (A0 * A0))) with (A * A0 - (A - A0) * A) by (field; lra).
  replace (1 / A * (A * (A0 * A0))) with (A0 * A0) by (field; lra).
  assert (0 <= (A - A0) * (A - A0)) by apply Rle_0_sqr. lra.
Qed.

Theorem ln_le_tangent s s0 : 0 < s -> 0 < s0 -> ln s <= ln s0 + (s - s0) / s0.
Proof.
  intros Hs H0. assert (Q : 0 < s / s0) by (apply Rdiv_lt_0_compat; auto).
  assert (H := exp_ge_1px (ln (s / s0))). rewrite exp_ln in H by auto.
  rewrite ln_div in H by auto. replace ((s - s0) / s0) with (s / s0 - 1) by (field; lra). lra.
Qed.

Lemma chord_pos l u x : l <= x <= u -> 0 < chord l u x.
Proof. intros H. eapply Rlt_le_trans; [apply exp_pos|apply exp_le_chord; eauto]. Qed.

(* chord sums are affine in x, so this is an affine lower bound; any A0 > 0 will do *)
Theorem er_lower_tangent n x dl du i A0 : (i < n)%nat -> 0 < A0 ->
  (forall j, (j < n)%nat -> j <> i -> dl j <= x j - x i <= du j) ->
  let A := 1 + others n i (fun j => chord (dl j) (du j) (x j - x i)) in
  1 / A0 - (A - A0) / (A0 * A0) <= softmax n x i.
Proof.
  intros Hi H0 H A. eapply Rle_trans; [|apply er_lower; eauto]. apply recip_tangent; auto.
  assert (0 <= others n i (fun j => chord (dl j) (du j) (x j - x i))); [|unfold A; lra].
  apply others_nonneg. intros j Hj E. left. apply chord_pos; auto.
Qed.

(* e^t / S lies over its tangent plane in (t, S): the tangents of LSE and LSE* *)
Theorem exp_over_tangent t c S S0 : 0 < S -> 0 < S0 ->
  exp c / S0 * (1 + (t - c) - (S - S0) / S0) <= exp t / S.
Proof.
  intros HS H0.
  replace (exp t / S) with (exp (t - ln S)).
  2:{ unfold Rminus, Rdiv. rewrite exp_plus, exp_Ropp, exp_ln; auto. }
  replace (exp c / S0) with (exp (c - ln S0)).
  2:{ unfold Rminus, Rdiv. rewrite exp_plus, exp_Ropp, exp_ln; auto. }
  eapply Rle_trans; [|apply (tangent_le_exp (c - ln S0))].
  apply Rmult_le_compat_l; [left; apply exp_pos|].
  assert (L := ln_le_tangent S S0 HS H0). lra.
Qed.

Theorem lse_lower_tangent n x l u i c S0 : (i < n)%nat -> 0 < S0 ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  let S := sumn n (fun j => chord (l j) (u j) (x j)) in
  exp c / S0 * (1 + (x i - c) - (S - S0) / S0) <= softmax n x i.
Proof.
  intros Hi H0 H S. eapply Rle_trans; [|apply lse_lower; eauto]. apply exp_over_tangent; auto.
  apply sumn_pos; [lia|]. intros j Hj. apply chord_pos; auto.
Qed.

Theorem lse_star_lower_tangent n x dl du i k c S0 : (i < n)%nat -> (k < n)%nat -> 0 < S0 ->
  (forall j, (j < n)%nat -> j <> k -> dl j <= x j - x k <= du j) ->
  let S := 1 + others n k (fun j => chord (dl j) (du j) (x j - x k)) in
  exp c / S0 * (1 + (x i - x k - c) - (S - S0) / S0) <= softmax n x i.
Proof.
  intros Hi Hk H0 H S. eapply Rle_trans; [|apply lse_star_lower; eauto].
  apply exp_over_tangent; auto.
  assert (0 <= others n k (fun j => chord (dl j) (du j) (x j - x k))); [|unfold S; lra].
  apply others_nonneg. intros j Hj E. left. apply chord_pos; auto.
Qed.

(* every e^{x_j - x_i} over its tangent at any point c_j *)
Theorem er_upper_tangent n x i plo phi c : (i < n)%nat -> 0 < plo ->
  plo <= softmax n x i <= phi ->
  softmax n x i <= plo + phi -
    plo * phi * (1 + others n i (fun j => exp (c j) * (1 + (x j - x i - c j)))).
Proof.
  intros Hi Hp Hs. eapply Rle_trans; [apply (er_upper n x i plo phi); auto|].
  assert (O : others n i (fun j => exp (c j) * (1 + (x j - x i - c j)))
              <= others n i (fun j => exp (x j - x i))).
  { apply others_le. intros. apply tangent_le_exp. }
  assert (0 <= plo * phi) by (apply Rmult_le_pos; lra).
  assert (plo * phi * (1 + others n i (fun j => exp (c j) * (1 + (x j - x i - c j))))
          <= plo * phi * (1 + others n i (fun j => exp (x j - x i))));
    [apply Rmult_le_compat_l; lra|lra].
Qed.

(* log-sum-exp lies over its tangent planes: its gradient is softmax *)
Theorem lse_tangent n x c : (0 < n)%nat ->
  lse n c + sumn n (fun j => softmax n c j * (x j - c j)) <= lse n x.
Proof.
  intros Hn. set (d := sumn n (fun j => softmax n c j * (x j - c j))).
  assert (Sc := sumexp_pos n c Hn). set (sc := sumn n (fun j => exp (c j))) in *.
  assert (E : sc * exp d <= sumn n (fun j => exp (x j))).
  { apply Rle_trans with (sumn n (fun j => exp (c j) * (exp d * (1 + (x j - c j - d))))).
    - right.
      rewrite (sumn_ext n _ (fun j => exp d * ((1 - d) * exp (c j) + sc * (softmax n c j * (x j - c j))))).
      + rewrite sumn_scal, sumn_plus, !sumn_scal. fold d sc. ring.
      + intros j _. unfold softmax. fold sc. field. lra.
    - apply sumn_le. intros j _. replace (exp (x j)) with (exp (c j) * exp (x j - c j)).
      + apply Rmult_le_compat_l; [left; apply exp_pos|apply tangent_le_exp].
      + rewrite <- exp_plus. f_equal; ring. }
  unfold lse. fold sc. rewrite <- (ln_exp d) at 1. rewrite <- ln_mult by auto using exp_pos.
  apply ln_le'; auto. apply Rmult_lt_0_compat; auto using exp_pos.
Qed.

Lemma chord_increasing l u x y : l <= u -> x <= y -> chord l u x <= chord l u y.
Proof.
  intros Hlu Hxy. unfold chord. apply Rplus_le_compat_l, Rmult_le_compat_l; [|lra].
  destruct (Req_dec l u) as [<-|Hne].
  - unfold Rdiv. rewrite Rminus_eq_0, Rmult_0_l. lra.
  - apply Rdiv_le_0_compat; [|lra]. assert (exp l <= exp u) by (apply exp_le; auto). lra.
Qed.

Theorem lse_upper_tangent n x i plo phi c : (i < n)%nat -> 0 < plo ->
  plo <= softmax n x i <= phi ->
  softmax n x i <= chord (ln plo) (ln phi)
    (x i - (lse n c + sumn n (fun j => softmax n c j * (x j - c j)))).
Proof.
  intros Hi Hp Hs. eapply Rle_trans; [apply (lse_upper n x i plo phi); auto|].
  apply chord_increasing; [apply ln_le'; lra|].
  assert (T := lse_tangent n x c ltac:(lia)). lra.
Qed.

(* ---- log-softmax and log-sum-exp -------------------------------------------------- *)
Theorem lse_affine_upper n x l u s0 : (0 < n)%nat -> 0 < s0 ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  lse n x <= ln s0 + (sumn n (fun j => chord (l j) (u j) (x j)) - s0) / s0.
Proof.
  intros Hn H0 H. assert (S := sumexp_pos n x Hn).
  assert (B : sumn n (fun j => exp (x j)) <= sumn n (fun j => chord (l j) (u j) (x j))).
  { apply sumn_le. intros. apply exp_le_chord; auto. }
  eapply Rle_trans; [apply ln_le'; eauto|]. apply ln_le_tangent; lra.
Qed.

Theorem log_softmax_upper_tangent n x c i : (0 < n)%nat ->
  log_softmax n x i <= x i - (lse n c + sumn n (fun j => softmax n c j * (x j - c j))).
Proof. intros Hn. unfold log_softmax. assert (T := lse_tangent n x c Hn). lra. Qed.

Theorem log_softmax_affine_lower n x l u s0 i : (0 < n)%nat -> 0 < s0 ->
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  x i - (ln s0 + (sumn n (fun j => chord (l j) (u j) (x j)) - s0) / s0) <= log_softmax n x i.
Proof.
  intros Hn H0 H. unfold log_softmax. assert (T := lse_affine_upper n x l u s0 Hn H0 H). lra.
Qed.

(* ---- the linear bounds of Shi et al. and Bonaert et al. ----------------------------- *)
Theorem lin_lower n x dl du i tq : (i < n)%nat -> 0 < tq ->
  (forall j, (j < n)%nat -> j <> i -> dl j <= x j - x i <= du j) ->
  1 / tq * (2 - (1 + others n i (fun j => chord (dl j) (du j) (x j - x i))) / tq)
    <= softmax n x i.
Proof.
  intros Hi H0 H. assert (T := er_lower_tangent n x dl du i tq Hi H0 H). cbv zeta in T.
  eapply Rle_trans; [|exact T]. right. field. lra.
Qed.

Theorem lin_upper n x t i qlo qhi : (i < n)%nat -> 0 < qlo ->
  qlo <= 1 + others n i (fun j => exp (x j - x i)) <= qhi ->
  softmax n x i <= 1 / qlo + 1 / qhi -
    1 / (qlo * qhi) * (1 + others n i (fun j => exp (t j) * (x j - x i - t j + 1))).
Proof.
  intros Hi H0 Hq. assert (E := softmax_alt n x i Hi).
  set (q := 1 + others n i (fun j => exp (x j - x i))) in *.
  assert (H : 1 / qhi <= softmax n x i <= 1 / qlo).
  { rewrite E. split; apply Rdiv_le_r; lra. }
  assert (P : 0 < 1 / qhi) by (apply Rdiv_lt_0_compat; lra).
  assert (T := er_upper_tangent n x i (1 / qhi) (1 / qlo) t Hi P H).
  eapply Rle_trans; [exact T|]. right.
  rewrite (others_ext n i (fun j => exp (t j) * (1 + (x j - x i - t j)))
             (fun j => exp (t j) * (x j - x i - t j + 1))) by (intros; ring).
  field. lra.
Qed.

(* the relaxed range of the denominator that lin_upper may be given *)
Lemma lin_denominator n x dl du t i : (i < n)%nat ->
  (forall j, (j < n)%nat -> j <> i -> dl j <= x j - x i <= du j) ->
  1 + others n i (fun j => exp (t j) * (dl j - t j + 1))
    <= 1 + others n i (fun j => exp (x j - x i))
    <= 1 + others n i (fun j => exp (du j)).
Proof.
  intros Hi H. split; apply Rplus_le_compat_l, others_le; intros j Hj E; specialize (H j Hj E).
  - eapply Rle_trans; [|apply (tangent_le_exp (t j))].
    apply Rmult_le_compat_l; [left; apply exp_pos|lra].
  - apply exp_le; lra.
Qed.

(* ---- convexity ------------------------------------------------------------------------ *)
(* A function that is convex along the segment from c to x lies over its tangent at c:
   phi(s) = f(c + s (x - c)), D its derivative at 0, which is gradient . (x - c). *)
Theorem convex_tangent phi D : derivable_pt_lim phi 0 D ->
  (forall s, 0 <= s <= 1 -> phi s <= (1 - s) * phi 0 + s * phi 1) ->
  phi 0 + D <= phi 1.
Proof.
  intros HD HC. apply Rnot_lt_le. intros L.
  set (e := phi 0 + D - phi 1). assert (He : 0 < e) by (unfold e; lra).
  destruct (HD e He) as [d Hd]. assert (Dp := cond_pos d).
  set (h := Rmin (d / 2) 1).
  assert (Hh : 0 < h <= 1 /\ h < d).
  { assert (A := Rmin_l (d / 2) 1). assert (B := Rmin_r (d / 2) 1).
    unfold h. repeat split; try lra. apply Rmin_glb_lt; lra. }
  specialize (Hd h ltac:(lra)). rewrite (Rabs_pos_eq h) in Hd by lra. specialize (Hd ltac:(lra)).
  apply Rabs_def2 in Hd. destruct Hd as [_ Hd]. rewrite Rplus_0_l in Hd.
  specialize (HC h ltac:(lra)).
  assert ((phi h - phi 0) / h <= phi 1 - phi 0).
  { apply (Rmult_le_reg_r h); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  unfold e in Hd. lra.
Qed.

Theorem concave_tangent phi D : derivable_pt_lim phi 0 D ->
  (forall s, 0 <= s <= 1 -> (1 - s) * phi 0 + s * phi 1 <= phi s) ->
  phi 1 <= phi 0 + D.
Proof.
  intros HD HC. assert (H := convex_tangent (fun s => - phi s) (- D)).
  cbv beta in H. assert (Q := H (derivable_pt_lim_opp phi 0 D HD)). 
  assert (- phi 0 + - D <= - phi 1); [|lra]. apply Q. intros s Hs. specialize (HC s Hs). lra.
Qed.

Definition mix (t : R) (x y : nat -> R) (j : nat) := t * x j + (1 - t) * y j.

Theorem lse_convex n x y t : (0 < n)%nat -> 0 <= t <= 1 ->
  lse n (mix t x y) <= t * lse n x + (1 - t) * lse n y.
Proof.
  intros Hn Ht. set (z := mix t x y).
  assert (A := lse_tangent n x z Hn). assert (B := lse_tangent n y z Hn).
  assert (E : t * sumn n (fun j => softmax n z j * (x j - z j)) +
              (1 - t) * sumn n (fun j => softmax n z j * (y j - z j)) = 0).
  { rewrite <- !sumn_scal, <- sumn_plus.
    rewrite (sumn_ext n _ (fun _ => 0)); [rewrite sumn_const; ring|].
    intros j _. unfold z at 2 4, mix. ring. }
  assert (t * (lse n z + sumn n (fun j => softmax n z j * (x j - z j))) <= t * lse n x)
    by (apply Rmult_le_compat_l; lra).
  assert ((1 - t) * (lse n z + sumn n (fun j => softmax n z j * (y j - z j))) <= (1 - t) * lse n y)
    by (apply Rmult_le_compat_l; lra).
  lra.
Qed.

(* the sum of exponentials: ER's upper bound is a constant minus a multiple of it *)
Theorem sumexp_convex n x y t : 0 <= t <= 1 ->
  sumn n (fun j => exp (mix t x y j))
    <= t * sumn n (fun j => exp (x j)) + (1 - t) * sumn n (fun j => exp (y j)).
Proof.
  intros Ht. rewrite <- !sumn_scal, <- sumn_plus. apply sumn_le. intros. apply exp_convex; auto.
Qed.

(* 1/A and e^t/S are convex where A and S are positive: ER, LSE, LSE* from below *)
Theorem recip_convex A B t : 0 < A -> 0 < B -> 0 <= t <= 1 ->
  1 / (t * A + (1 - t) * B) <= t * (1 / A) + (1 - t) * (1 / B).
Proof.
  intros HA HB Ht. set (C := t * A + (1 - t) * B). assert (HC : 0 < C) by (unfold C; nra).
  assert (TA := recip_tangent A C HA HC). assert (TB := recip_tangent B C HB HC).
  assert (E : t * (1 / C - (A - C) / (C * C)) + (1 - t) * (1 / C - (B - C) / (C * C)) = 1 / C).
  { replace (t * (1 / C - (A - C) / (C * C)) + (1 - t) * (1 / C - (B - C) / (C * C)))
      with (1 / C - (t * A + (1 - t) * B - C) / (C * C)) by (field; lra).
    fold C. field. lra. }
  rewrite <- E. apply Rplus_le_compat; apply Rmult_le_compat_l; lra.
Qed.

Theorem exp_over_convex a A b B t : 0 < A -> 0 < B -> 0 <= t <= 1 ->
  exp (t * a + (1 - t) * b) / (t * A + (1 - t) * B)
    <= t * (exp a / A) + (1 - t) * (exp b / B).
Proof.
  intros HA HB Ht. set (C := t * A + (1 - t) * B). assert (HC : 0 < C) by (unfold C; nra).
  set (c := t * a + (1 - t) * b).
  assert (TA := exp_over_tangent a c A C HA HC). assert (TB := exp_over_tangent b c B C HB HC).
  assert (E : t * (exp c / C * (1 + (a - c) - (A - C) / C)) +
              (1 - t) * (exp c / C * (1 + (b - c) - (B - C) / C)) = exp c / C).
  { replace (t * (exp c / C * (1 + (a - c) - (A - C) / C)) +
             (1 - t) * (exp c / C * (1 + (b - c) - (B - C) / C)))
      with (exp c / C * (1 + (t * a + (1 - t) * b - c) - (t * A + (1 - t) * B - C) / C)) by (field; lra).
    fold c C. field. lra. }
  rewrite <- E. apply Rplus_le_compat; apply Rmult_le_compat_l; lra.
Qed.

(* ---- "holds as printed" ---------------------------------------------------------------- *)
(* A bound with real gradient g at the point c still holds with the doubles a in place
   of g, once the constant pays for the difference over the box. *)
Theorem printed_upper n f v g a r x c w b :
  f <= v + sumn n (fun j => g j * (x j - c j)) ->
  (forall j, (j < n)%nat -> Rabs (g j - a j) <= r j /\ Rabs (x j - c j) <= w j) ->
  v - sumn n (fun j => a j * c j) + sumn n (fun j => r j * w j) <= b ->
  f <= sumn n (fun j => a j * x j) + b.
Proof.
  intros Hf H Hb. eapply Rle_trans; [exact Hf|].
  assert (T : sumn n (fun j => g j * (x j - c j))
              <= sumn n (fun j => a j * x j - a j * c j + r j * w j)).
  { apply sumn_le. intros j Hj. destruct (H j Hj) as [H1 H2].
    assert ((g j - a j) * (x j - c j) <= r j * w j); [|lra].
    eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult.
    apply Rmult_le_compat; auto using Rabs_pos. }
  rewrite sumn_plus, sumn_minus in T. lra.
Qed.

Theorem printed_lower n f v g a r x c w b :
  v + sumn n (fun j => g j * (x j - c j)) <= f ->
  (forall j, (j < n)%nat -> Rabs (g j - a j) <= r j /\ Rabs (x j - c j) <= w j) ->
  b <= v - sumn n (fun j => a j * c j) - sumn n (fun j => r j * w j) ->
  sumn n (fun j => a j * x j) + b <= f.
Proof.
  intros Hf H Hb. eapply Rle_trans; [|exact Hf].
  assert (T : sumn n (fun j => a j * x j - a j * c j - r j * w j)
              <= sumn n (fun j => g j * (x j - c j))).
  { apply sumn_le. intros j Hj. destruct (H j Hj) as [H1 H2].
    assert (- (r j * w j) <= (g j - a j) * (x j - c j)); [|lra].
    assert (Q : Rabs ((g j - a j) * (x j - c j)) <= r j * w j).
    { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. }
    assert (Y := Rle_abs (- ((g j - a j) * (x j - c j)))). rewrite Rabs_Ropp in Y. lra. }
  rewrite !sumn_minus in T. lra.
Qed.
