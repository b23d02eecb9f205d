(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Rounding errors as logarithms: one rounding is at most u, products add up, a sum of positive
   numbers moves by no more than the worst of its terms; back from logarithms; and the largest value
   of a parabola, which bounds a quotient's error. *)
Require Import Reals Lra Psatz.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Lemma ln_le_sub1 x : 0 < x -> ln x <= x - 1.
Proof.
  intros Hx. destruct (Rle_or_lt (ln x) (x - 1)) as [H|H]; auto. exfalso.
  assert (E : exp (x - 1) < x).
  { rewrite <- (exp_ln x) at 2 by auto. apply exp_increasing; auto. }
  assert (T : 1 + (x - 1) <= exp (x - 1)).
  { destruct (Req_dec (x - 1) 0) as [Z|Z].
    - rewrite Z, exp_0. lra.
    - apply Rlt_le, exp_ineq1; auto. }
  lra.
Qed.

(* the relative error of a correctly rounded operation, as a logarithm *)
Theorem round_log u d : 0 < u -> Rabs d <= u / (1 + u) -> Rabs (ln (1 + d)) <= u.
Proof.
  intros Hu Hd.
  assert (B : u / (1 + u) < 1) by (apply Rmult_lt_reg_r with (1 + u); [lra|]; field_simplify; lra).
  assert (B2 : u / (1 + u) <= u).
  { apply Rmult_le_reg_r with (1 + u); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra. }
  destruct (Rabs_le_between d (u / (1 + u))) as [H _]. specialize (H Hd).
  apply Rabs_le. split.
  - (* -ln (1 + d) = ln (1/(1 + d)) <= 1/(1 + d) - 1 <= u *)
    assert (P : 0 < 1 + d) by lra.
    assert (L : ln (/ (1 + d)) <= / (1 + d) - 1) by (apply ln_le_sub1, Rinv_0_lt_compat; auto).
    rewrite ln_Rinv in L by auto.
    assert (I : / (1 + d) <= 1 + u).
    { apply Rmult_le_reg_r with (1 + d); auto. rewrite Rinv_l by lra.
      assert (Q : (1 + u) * (1 - u / (1 + u)) = 1) by (field; lra).
      assert ((1 + u) * (1 - u / (1 + u)) <= (1 + u) * (1 + d)) by (apply Rmult_le_compat_l; lra). lra. }
    lra.
  - assert (L : ln (1 + d) <= 1 + d - 1) by (apply ln_le_sub1; lra). lra.
Qed.

(* a sum of positive numbers moves by no more than the worst of its terms *)
Theorem sum_log a b s t r : 0 < a -> 0 < b -> Rabs s <= r -> Rabs t <= r ->
  Rabs (ln ((a * exp s + b * exp t) / (a + b))) <= r.
Proof.
  intros Ha Hb Hs Ht.
  apply Rabs_le_between in Hs. apply Rabs_le_between in Ht.
  assert (Es := exp_pos s). assert (Et := exp_pos t).
  assert (M : forall x y, x <= y -> exp x <= exp y).
  { intros x y [H|H]; [apply Rlt_le, exp_increasing; auto|subst; lra]. }
  assert (S1 := M (-r) s ltac:(lra)). assert (S2 := M s r ltac:(lra)).
  assert (T1 := M (-r) t ltac:(lra)). assert (T2 := M t r ltac:(lra)).
  set (q := (a * exp s + b * exp t) / (a + b)).
  assert (Q1 : exp (-r) <= q).
  { unfold q. apply Rmult_le_reg_r with (a + b); [lra|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l by lra. nra. }
  assert (Q2 : q <= exp r).
  { unfold q. apply Rmult_le_reg_r with (a + b); [lra|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l by lra. nra. }
  assert (P := exp_pos (-r)).
  apply Rabs_le. split.
  - rewrite <- (ln_exp (-r)). destruct Q1 as [Q|Q]; [apply Rlt_le, ln_increasing; auto|rewrite Q; lra].
  - rewrite <- (ln_exp r). destruct Q2 as [Q|Q]; [apply Rlt_le, ln_increasing; lra|rewrite Q; lra].
Qed.

(* back from a logarithm *)
Theorem exp_grown t : 0 <= t < 2 -> exp t - 1 <= t / (1 - t / 2).
Proof.
  intros [H0 H2].
  set (g := fun x => (1 - x / 2) * exp x - (1 + x / 2)).
  assert (D : forall x, is_derive g x ((1 - x) / 2 * exp x - / 2)).
  { intros x. unfold g. auto_derive; auto. field. }
  assert (G : g t <= g 0).
  { destruct H0 as [H0|H0]; [|subst; lra].
    destruct (MVT_gen g 0 t (fun x => (1 - x) / 2 * exp x - / 2)) as [c [[Hc1 Hc2] E]].
    - intros x _. apply D.
    - intros x _. apply continuity_pt_filterlim. apply (ex_derive_continuous g x). eexists; apply D.
    - rewrite Rmin_left in Hc1 by lra. rewrite Rmax_right in Hc2 by lra.
      assert (K : (1 - c) * exp c <= 1).
      { assert (I : 1 - c <= exp (- c)).
        { destruct (Req_dec (- c) 0) as [Z|Z].
          - rewrite Z, exp_0. lra.
          - assert (X := exp_ineq1 (- c) Z). lra. }
        assert (P := exp_pos c). assert (E1 : exp (- c) * exp c = 1).
        { rewrite <- exp_plus. replace (- c + c) with 0 by ring. apply exp_0. }
        nra. }
      assert (W : ((1 - c) / 2 * exp c - / 2) * (t - 0) <= 0).
      { assert ((1 - c) / 2 * exp c - / 2 <= 0) by nra. nra. }
      lra. }
  unfold g in G. rewrite exp_0 in G.
  apply Rmult_le_reg_r with (1 - t / 2); [lra|].
  assert (E : t / (1 - t / 2) * (1 - t / 2) = t) by (field; lra).
  rewrite E. lra.
Qed.

(* a concave parabola is largest at its vertex, or at the end before it *)
Theorem parabola_vertex lin bal q : 0 < bal ->
  lin * q + bal * q * (1 - q) <= (lin + bal) ^ 2 / (4 * bal).
Proof.
  intros Hb. apply Rmult_le_reg_r with (4 * bal); [lra|].
  assert (E : (lin + bal) ^ 2 / (4 * bal) * (4 * bal) = (lin + bal) ^ 2) by (field; lra).
  rewrite E. assert (S := pow2_ge_0 (lin + bal - 2 * bal * q)). nra.
Qed.

Theorem parabola_end lin bal q top : 0 <= bal -> 0 <= q <= top -> 2 * bal * top <= lin + bal ->
  lin * q + bal * q * (1 - q) <= lin * top + bal * top * (1 - top).
Proof.
  intros Hb [H0 H1] H2.
  assert (E : lin * top + bal * top * (1 - top) - (lin * q + bal * q * (1 - q)) =
              (top - q) * (lin + bal - bal * (top + q))) by ring.
  assert (P : 0 <= lin + bal - bal * (top + q)) by nra.
  assert (0 <= (top - q) * (lin + bal - bal * (top + q))) by (apply Rmult_le_pos; lra). lra.
Qed.
