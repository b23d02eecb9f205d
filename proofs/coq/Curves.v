(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Lower bounds of a function of one variable on an interval, from what is known of its
   slopes. (Upper bounds: of its negative.) *)
Require Import Reals Lra Psatz.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

(* g is differentiable on [lo, hi] *)
Definition slopes (g dg : R -> R) lo hi := forall t, lo <= t <= hi -> is_derive g t (dg t).

Lemma slopes_part g dg lo hi a b : slopes g dg lo hi -> lo <= a -> b <= hi -> slopes g dg a b.
Proof. intros H A B t T. apply H. lra. Qed.

Lemma mean_value g dg lo hi c x : slopes g dg lo hi -> lo <= c <= hi -> lo <= x <= hi ->
  exists t, Rmin c x <= t <= Rmax c x /\ g x - g c = dg t * (x - c).
Proof.
  intros H C X. destruct (MVT_gen g c x dg) as [t [T E]].
  - intros t T. apply H. unfold Rmin, Rmax in T. destruct (Rle_dec c x); lra.
  - intros t T. apply continuity_pt_filterlim, (ex_derive_continuous g t).
    exists (dg t). apply H. unfold Rmin, Rmax in T. destruct (Rle_dec c x); lra.
  - exists t. split; auto.
Qed.

(* one line through (c, g c) below g at x, its slope d known to be in [dl, dh] *)
Lemma below_line gc gx d dl dh lo hi c v r x : lo <= c <= hi -> lo <= x <= hi ->
  dl <= d <= dh -> gc + d * (x - c) <= gx ->
  v <= gc -> r <= 0 -> r <= dl * (hi - c) -> r <= - dh * (c - lo) -> v + r <= gx.
Proof.
  intros C X D G V R0 Rl Rh. assert (r <= d * (x - c)); [|lra].
  destruct (Rle_lt_dec c x) as [L|L].
  - destruct (Rle_lt_dec 0 dl); nra.
  - destruct (Rle_lt_dec dh 0); nra.
Qed.

(* slopes known on the whole interval *)
Theorem mean_value_bound g dg dl dh lo hi c v r x : slopes g dg lo hi ->
  (forall t, lo <= t <= hi -> dl <= dg t <= dh) -> lo <= c <= hi -> lo <= x <= hi ->
  v <= g c -> r <= 0 -> r <= dl * (hi - c) -> r <= - dh * (c - lo) -> v + r <= g x.
Proof.
  intros H D C X V R0 Rl Rh. destruct (mean_value g dg lo hi c x H C X) as [t [T E]].
  apply (below_line (g c) (g x) (dg t) dl dh lo hi c v r x); auto; try lra.
  apply D. unfold Rmin, Rmax in T. destruct (Rle_dec c x); lra.
Qed.

(* a convex function: slopes that do not fall *)
Theorem convex_above_tangent g dg lo hi c x : slopes g dg lo hi ->
  (forall s t, lo <= s <= t /\ t <= hi -> dg s <= dg t) -> lo <= c <= hi -> lo <= x <= hi ->
  g c + dg c * (x - c) <= g x.
Proof.
  intros H M C X. destruct (mean_value g dg lo hi c x H C X) as [t [T E]].
  unfold Rmin, Rmax in T. destruct (Rle_dec c x).
  - assert (dg c <= dg t) by (apply M; lra). nra.
  - assert (dg t <= dg c) by (apply M; lra). nra.
Qed.

Theorem convex_bound g dg dl dh lo hi c v r x : slopes g dg lo hi ->
  (forall s t, lo <= s <= t /\ t <= hi -> dg s <= dg t) -> lo <= c <= hi -> lo <= x <= hi ->
  dl <= dg c <= dh -> v <= g c -> r <= 0 -> r <= dl * (hi - c) -> r <= - dh * (c - lo) ->
  v + r <= g x.
Proof.
  intros H M C X D V R0 Rl Rh.
  apply (below_line (g c) (g x) (dg c) dl dh lo hi c v r x); auto.
  apply (convex_above_tangent g dg lo hi); auto.
Qed.

(* a concave function: slopes that do not rise *)
Theorem concave_bound g dg lo hi v x : slopes g dg lo hi ->
  (forall s t, lo <= s <= t /\ t <= hi -> dg t <= dg s) -> lo <= x <= hi ->
  v <= g lo -> v <= g hi -> v <= g x.
Proof.
  intros H M X L U.
  destruct (mean_value g dg lo hi lo x H ltac:(lra) X) as [s [S Es]].
  destruct (mean_value g dg lo hi x hi H X ltac:(lra)) as [t [T Et]].
  unfold Rmin, Rmax in S, T. destruct (Rle_dec lo x) as [A|A]; [|lra].
  destruct (Rle_dec x hi) as [B|B]; [|lra].
  assert (Q : dg t <= dg s) by (apply M; lra).
  destruct (Rle_lt_dec 0 (dg s)); nra.
Qed.

(* linear in k: the corners of steps between the first and the last *)
Theorem corner_bound a b v m n k : m <= k <= n ->
  v <= a * m + b -> v <= a * n + b -> v <= a * k + b.
Proof. intros K M N. destruct (Rle_lt_dec 0 a); nra. Qed.
