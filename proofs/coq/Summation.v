(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Sums and dot products in binary64, in any order, with or without FMA. A
   computation is a derivation: "dot n k s m r" says that r may be what a program
   gets for n terms, k of them products, with exact sum s and sum of magnitudes m. *)
Require Import Reals Lra Lia Arith Psatz.
From Flocq Require Import Core.
From Softbox Require Import Sums Rounding.
Open Scope R_scope.

Definition gamma (n : nat) := INR n * u / (1 - INR n * u).

Lemma u_small : u <= / 2 ^ 53.
Proof. rewrite u_val. lra. Qed.

(* ---- powers of 1 + u ------------------------------------------------------- *)
Lemma pow1u_ge1 n : 1 <= (1 + u) ^ n.
Proof. apply pow_R1_Rle. assert (U := u_pos). lra. Qed.

Lemma pow1u_mono m n : (m <= n)%nat -> (1 + u) ^ m <= (1 + u) ^ n.
Proof. intros H. apply Rle_pow; auto. assert (U := u_pos). lra. Qed.

Lemma pow1u_gamma n : INR n * u < 1 -> (1 + u) ^ n <= / (1 - INR n * u).
Proof.
  intros H. assert (U := u_pos).
  assert (E : (1 + u) ^ n * (1 - INR n * u) <= 1).
  { clear H. induction n as [|n IH]; [simpl; lra|].
    rewrite S_INR. cbn [pow]. assert (P := pow1u_ge1 n). assert (N := pos_INR n).
    apply Rle_trans with ((1 + u) ^ n * (1 - INR n * u)); auto.
    replace ((1 + u) * (1 + u) ^ n * (1 - (INR n + 1) * u))
      with ((1 + u) ^ n * (1 - INR n * u - (INR n + 1) * (u * u))) by ring.
    apply Rmult_le_compat_l; nra. }
  apply (Rmult_le_reg_r (1 - INR n * u)); [lra|]. rewrite Rinv_l by lra. exact E.
Qed.

Lemma gamma_alt n : INR n * u < 1 -> 1 + gamma n = / (1 - INR n * u).
Proof. intros H. unfold gamma. field. lra. Qed.

Lemma pow1m_ge n : 1 - INR n * u <= (1 - u) ^ n.
Proof.
  assert (U := u_pos). assert (U1 := u_small).
  assert (S : / 2 ^ 53 < 1) by lra.
  induction n as [|n IH]; [simpl; lra|]. rewrite S_INR. cbn [pow].
  assert (N := pos_INR n).
  apply Rle_trans with ((1 - u) * (1 - INR n * u)); [nra|].
  apply Rmult_le_compat_l; lra.
Qed.

Lemma pow1m_mono m n : (m <= n)%nat -> (1 - u) ^ n <= (1 - u) ^ m.
Proof.
  intros H. assert (U := u_pos). assert (U1 := u_small).
  replace n with (m + (n - m))%nat by lia. rewrite pow_add.
  assert (A : 0 <= (1 - u) ^ m) by (apply pow_le; lra).
  assert (B : (1 - u) ^ (n - m) <= 1 ^ (n - m)) by (apply pow_incr; lra).
  rewrite pow1 in B. nra.
Qed.

(* ---- dot products ------------------------------------------------------------ *)
(* k counts the rounded products, each of which may underflow *)
Inductive dot : nat -> nat -> R -> R -> R -> Prop :=
| dot_term t : F64 t -> dot 1 0 t (Rabs t) t
| dot_prod a b : dot 1 1 (a * b) (Rabs (a * b)) (RN (a * b))
| dot_fma n k s m r a b : dot n k s m r ->
    dot (S n) (S k) (s + a * b) (m + Rabs (a * b)) (RN (r + a * b))
| dot_add n1 k1 s1 m1 r1 n2 k2 s2 m2 r2 : dot n1 k1 s1 m1 r1 -> dot n2 k2 s2 m2 r2 ->
    dot (n1 + n2) (k1 + k2) (s1 + s2) (m1 + m2) (RN (r1 + r2)).

Lemma dot_facts n k s m r : dot n k s m r ->
  (1 <= n)%nat /\ F64 r /\ Rabs s <= m /\
  Rabs (r - s) <= ((1 + u) ^ n - 1) * m + INR k * (eta / 2) * (1 + u) ^ n.
Proof.
  assert (U := u_pos). assert (H0 := eta_pos). set (h := eta / 2). assert (Hh : 0 < h) by (unfold h; lra).
  induction 1 as [t Ft|a b|n k s m r a b _ IH|n1 k1 s1 m1 r1 n2 k2 s2 m2 r2 _ IH1 _ IH2].
  - repeat split; auto; try lra.
    replace (t - t) with 0 by ring. rewrite Rabs_R0. simpl. assert (T := Rabs_pos t). nra.
  - repeat split; auto; try lra; [apply F64_RN|].
    eapply Rle_trans; [apply standard_model_abs|]. fold h. simpl. nra.
  - destruct IH as [Hn [Fr [Hs IH]]].
    assert (A := Rabs_pos (a * b)). set (ab := a * b) in *.
    repeat split; auto; [apply F64_RN| |].
    { eapply Rle_trans; [apply Rabs_triang|]. lra. }
    destruct (standard_model (r + ab)) as [d [e [Hd [He [_ E]]]]]. fold h in He.
    replace (RN (r + ab) - (s + ab)) with ((r - s) * (1 + d) + d * (s + ab) + e) by (rewrite E; ring).
    assert (D1 : Rabs (1 + d) <= 1 + u).
    { eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_R1. lra. }
    assert (T1 : Rabs ((r - s) * (1 + d)) <= (((1 + u) ^ n - 1) * m + INR k * h * (1 + u) ^ n) * (1 + u)).
    { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. }
    assert (T2 : Rabs (d * (s + ab)) <= u * (m + Rabs ab)).
    { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos.
      eapply Rle_trans; [apply Rabs_triang|]. lra. }
    eapply Rle_trans; [apply Rabs_triang|]. eapply Rle_trans; [apply Rplus_le_compat_r, Rabs_triang|].
    rewrite S_INR. cbn [pow]. assert (P := pow1u_ge1 n). set (p := (1 + u) ^ n) in *.
    assert (N := pos_INR k). set (N' := INR k) in *.
    assert (M0 : 0 <= m) by (eapply Rle_trans; [apply Rabs_pos|exact Hs]).
    assert (Q1 : u <= (1 + u) * p - 1) by nra.
    assert (Q2 : h <= h * ((1 + u) * p)) by nra.
    assert (Q3 : u * Rabs ab <= ((1 + u) * p - 1) * Rabs ab) by (apply Rmult_le_compat_r; auto).
    replace ((N' + 1) * h * ((1 + u) * p)) with (N' * h * p * (1 + u) + h * ((1 + u) * p)) by ring.
    replace (((1 + u) * p - 1) * (m + Rabs ab))
      with ((p - 1) * m * (1 + u) + u * m + ((1 + u) * p - 1) * Rabs ab) by ring.
    lra.
  - destruct IH1 as [Hn1 [Fr1 [Hs1 IH1]]]. destruct IH2 as [Hn2 [Fr2 [Hs2 IH2]]].
    repeat split; [lia|apply F64_RN| |].
    { eapply Rle_trans; [apply Rabs_triang|]. lra. }
    destruct (standard_model_sum r1 r2 Fr1 Fr2) as [d [Hd E]].
    replace (RN (r1 + r2) - (s1 + s2))
      with ((r1 - s1) * (1 + d) + (r2 - s2) * (1 + d) + d * (s1 + s2)) by (rewrite E; ring).
    assert (D1 : Rabs (1 + d) <= 1 + u).
    { eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_R1. lra. }
    set (q := (1 + u) ^ (n1 + n2)).
    assert (Q1 : (1 + u) ^ n1 * (1 + u) <= q).
    { rewrite Rmult_comm. change ((1 + u) * (1 + u) ^ n1) with ((1 + u) ^ S n1). apply pow1u_mono. lia. }
    assert (Q2 : (1 + u) ^ n2 * (1 + u) <= q).
    { rewrite Rmult_comm. change ((1 + u) * (1 + u) ^ n2) with ((1 + u) ^ S n2). apply pow1u_mono. lia. }
    assert (G : forall r s m n k, Rabs s <= m -> (1 + u) ^ n * (1 + u) <= q ->
      Rabs (r - s) <= ((1 + u) ^ n - 1) * m + INR k * h * (1 + u) ^ n ->
      Rabs ((r - s) * (1 + d)) <= (q - 1 - u) * m + INR k * h * q).
    { intros r s m n k Hs HQ HR. rewrite Rabs_mult.
      assert (M0 : 0 <= m) by (eapply Rle_trans; [apply Rabs_pos|exact Hs]).
      eapply Rle_trans; [apply Rmult_le_compat; auto using Rabs_pos; [exact HR|exact D1]|].
      assert (N := pos_INR k). set (p := (1 + u) ^ n) in *.
      replace (((p - 1) * m + INR k * h * p) * (1 + u))
        with ((p * (1 + u) - 1 - u) * m + INR k * h * (p * (1 + u))) by ring.
      apply Rplus_le_compat; [apply Rmult_le_compat_r; lra|].
      apply Rmult_le_compat_l; auto. apply Rmult_le_pos; lra. }
    assert (T1 := G r1 s1 m1 n1 k1 Hs1 Q1 IH1). assert (T2 := G r2 s2 m2 n2 k2 Hs2 Q2 IH2).
    assert (T3 : Rabs (d * (s1 + s2)) <= u * (m1 + m2)).
    { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos.
      eapply Rle_trans; [apply Rabs_triang|]. lra. }
    eapply Rle_trans; [apply Rabs_triang|]. eapply Rle_trans; [apply Rplus_le_compat_r, Rabs_triang|].
    rewrite plus_INR. replace ((q - 1) * (m1 + m2) + (INR k1 + INR k2) * h * q)
      with ((q - 1 - u) * m1 + INR k1 * h * q + ((q - 1 - u) * m2 + INR k2 * h * q) + u * (m1 + m2)) by ring.
    lra.
Qed.

(* |fl(a.b) - a.b| <= gamma_n |a|.|b| + k eta *)
Theorem dot_error n k s m r : dot n k s m r -> INR n * u <= / 2 ->
  Rabs (r - s) <= gamma n * m + INR k * eta.
Proof.
  intros H Hn. destruct (dot_facts n k s m r H) as [_ [_ [Hs E]]].
  assert (M0 : 0 <= m) by (eapply Rle_trans; [apply Rabs_pos|exact Hs]).
  assert (H0 := eta_pos). assert (N := pos_INR k).
  assert (P := pow1u_gamma n ltac:(lra)). rewrite <- gamma_alt in P by lra.
  assert (P2 : (1 + u) ^ n <= 2).
  { eapply Rle_trans; [exact P|]. rewrite gamma_alt by lra.
    replace 2 with (/ / 2) by lra. apply Rinv_le_contravar; lra. }
  eapply Rle_trans; [exact E|]. apply Rplus_le_compat.
  - apply Rmult_le_compat_r; lra.
  - replace (INR k * eta) with (INR k * (eta / 2) * 2) by field.
    apply Rmult_le_compat_l; auto. apply Rmult_le_pos; lra.
Qed.

(* ---- plain sums: nothing underflows -------------------------------------------- *)
Inductive fsum : nat -> R -> R -> R -> Prop :=
| fsum_term t : F64 t -> fsum 1 t (Rabs t) t
| fsum_add n1 s1 m1 r1 n2 s2 m2 r2 : fsum n1 s1 m1 r1 -> fsum n2 s2 m2 r2 ->
    fsum (n1 + n2) (s1 + s2) (m1 + m2) (RN (r1 + r2)).

Lemma fsum_facts n s m r : fsum n s m r ->
  (1 <= n)%nat /\ F64 r /\ Rabs s <= m /\ Rabs (r - s) <= ((1 + u) ^ (n - 1) - 1) * m.
Proof.
  assert (U := u_pos).
  induction 1 as [t Ft|n1 s1 m1 r1 n2 s2 m2 r2 _ IH1 _ IH2].
  - repeat split; auto; try lra. replace (t - t) with 0 by ring. rewrite Rabs_R0. simpl. lra.
  - destruct IH1 as [Hn1 [Fr1 [Hs1 IH1]]]. destruct IH2 as [Hn2 [Fr2 [Hs2 IH2]]].
    repeat split; [lia|apply F64_RN| |].
    { eapply Rle_trans; [apply Rabs_triang|]. lra. }
    destruct (standard_model_sum r1 r2 Fr1 Fr2) as [d [Hd E]].
    replace (RN (r1 + r2) - (s1 + s2))
      with ((r1 - s1) * (1 + d) + (r2 - s2) * (1 + d) + d * (s1 + s2)) by (rewrite E; ring).
    assert (D1 : Rabs (1 + d) <= 1 + u).
    { eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_R1. lra. }
    set (q := (1 + u) ^ (n1 + n2 - 1)).
    assert (G : forall r s m n, (1 <= n)%nat -> (n <= n1 + n2 - 1)%nat -> Rabs s <= m ->
      Rabs (r - s) <= ((1 + u) ^ (n - 1) - 1) * m ->
      Rabs ((r - s) * (1 + d)) <= (q - 1 - u) * m).
    { intros r s m n L1 L2 Hs HR. rewrite Rabs_mult.
      assert (M0 : 0 <= m) by (eapply Rle_trans; [apply Rabs_pos|exact Hs]).
      eapply Rle_trans; [apply Rmult_le_compat; auto using Rabs_pos; [exact HR|exact D1]|].
      assert (HQ : (1 + u) * (1 + u) ^ (n - 1) <= q).
      { change ((1 + u) * (1 + u) ^ (n - 1)) with ((1 + u) ^ S (n - 1)). apply pow1u_mono. lia. }
      set (p := (1 + u) ^ (n - 1)) in *.
      replace ((p - 1) * m * (1 + u)) with (((1 + u) * p - 1 - u) * m) by ring.
      apply Rmult_le_compat_r; lra. }
    assert (T1 := G r1 s1 m1 n1 Hn1 ltac:(lia) Hs1 IH1).
    assert (T2 := G r2 s2 m2 n2 Hn2 ltac:(lia) Hs2 IH2).
    assert (T3 : Rabs (d * (s1 + s2)) <= u * (m1 + m2)).
    { rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos.
      eapply Rle_trans; [apply Rabs_triang|]. lra. }
    eapply Rle_trans; [apply Rabs_triang|]. eapply Rle_trans; [apply Rplus_le_compat_r, Rabs_triang|].
    lra.
Qed.

Theorem fsum_error n s m r : fsum n s m r -> INR (n - 1) * u < 1 ->
  Rabs (r - s) <= gamma (n - 1) * m.
Proof.
  intros H Hn. destruct (fsum_facts n s m r H) as [_ [_ [Hs E]]].
  assert (M0 : 0 <= m) by (eapply Rle_trans; [apply Rabs_pos|exact Hs]).
  assert (P := pow1u_gamma (n - 1) Hn). rewrite <- gamma_alt in P by auto.
  eapply Rle_trans; [exact E|]. apply Rmult_le_compat_r; lra.
Qed.

(* ---- sums of nonnegative terms: rounding up by one factor ------------------------ *)
(* k counts the rounded products, each of which may underflow *)
Inductive posdot : nat -> nat -> R -> R -> Prop :=
| posdot_term t : F64 t -> 0 <= t -> posdot 1 0 t t
| posdot_prod a b : 0 <= a * b -> posdot 1 1 (a * b) (RN (a * b))
| posdot_fma n k s r a b : posdot n k s r -> 0 <= a * b ->
    posdot (S n) (S k) (s + a * b) (RN (r + a * b))
| posdot_add n1 k1 s1 r1 n2 k2 s2 r2 : posdot n1 k1 s1 r1 -> posdot n2 k2 s2 r2 ->
    posdot (n1 + n2) (k1 + k2) (s1 + s2) (RN (r1 + r2)).

Lemma RN_nonneg z : 0 <= z -> 0 <= RN z.
Proof. intros H. rewrite <- (RN_F64 0) by apply generic_format_0. apply RN_le; auto. Qed.

Lemma RN_lower z : 0 <= z -> z * (1 - u) - eta / 2 <= RN z.
Proof.
  intros Hz. assert (H := standard_model_abs z). rewrite (Rabs_pos_eq z) in H by auto.
  apply Rabs_le_inv in H. lra.
Qed.

Lemma posdot_facts n k s r : posdot n k s r ->
  (1 <= n)%nat /\ (k <= n)%nat /\ F64 r /\ 0 <= s /\ 0 <= r /\
  (1 - u) ^ n * s - INR k * (eta / 2) <= r.
Proof.
  assert (U := u_pos). assert (U1 := u_small). assert (H0 := eta_pos).
  set (h := eta / 2). assert (Hh : 0 < h) by (unfold h; lra).
  assert (P : forall n, 0 <= (1 - u) ^ n) by (intros; apply pow_le; lra).
  induction 1 as [t Ft Ht|a b Hab|n k s r a b _ IH Hab|n1 k1 s1 r1 n2 k2 s2 r2 _ IH1 _ IH2].
  - repeat split; auto. simpl. nra.
  - repeat split; auto using F64_RN, RN_nonneg. assert (L := RN_lower (a * b) Hab).
    fold h in L. simpl. lra.
  - destruct IH as [Hn [Hk [Fr [Hs [Hr IH]]]]]. set (ab := a * b) in *.
    repeat split; try lia; try lra; auto using F64_RN; [apply RN_nonneg; lra|].
    assert (L := RN_lower (r + ab) ltac:(lra)). fold h in L. rewrite S_INR. cbn [pow].
    assert (K := pos_INR k). assert (Pn := P n). set (p := (1 - u) ^ n) in *.
    assert (P1 : p <= 1). { unfold p. replace 1 with ((1 - u) ^ 0) by reflexivity. apply pow1m_mono; lia. }
    assert (X : (p * s - INR k * h) * (1 - u) <= r * (1 - u)) by (apply Rmult_le_compat_r; lra).
    assert (Y0 : 0 <= ab * (1 - u)) by (apply Rmult_le_pos; lra).
    assert (Y : p * (ab * (1 - u)) <= 1 * (ab * (1 - u))) by (apply Rmult_le_compat_r; auto).
    assert (Z : 0 <= INR k * h * u) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
    lra.
  - destruct IH1 as [Hn1 [Hk1 [Fr1 [Hs1 [Hr1 IH1]]]]]. destruct IH2 as [Hn2 [Hk2 [Fr2 [Hs2 [Hr2 IH2]]]]].
    repeat split; try lia; try lra; auto using F64_RN; [apply RN_nonneg; lra|].
    destruct (standard_model_sum r1 r2 Fr1 Fr2) as [d [Hd E]]. apply Rabs_le_inv in Hd.
    assert (L : (r1 + r2) * (1 - u) <= RN (r1 + r2)) by (rewrite E; apply Rmult_le_compat_l; lra).
    rewrite plus_INR. set (q := (1 - u) ^ (n1 + n2)).
    assert (G : forall s r n k, (1 <= n)%nat -> (S n <= n1 + n2)%nat -> 0 <= s ->
      (1 - u) ^ n * s - INR k * h <= r -> q * s - INR k * h <= r * (1 - u)).
    { intros s r n k L1 L2 S0 HR. assert (Q := pow1m_mono (S n) (n1 + n2) L2).
      fold q in Q. cbn [pow] in Q. assert (K := pos_INR k). assert (Z : 0 <= INR k * h * u) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
      assert (X : ((1 - u) ^ n * s - INR k * h) * (1 - u) <= r * (1 - u)) by (apply Rmult_le_compat_r; lra).
      assert (Y : q * s <= (1 - u) * (1 - u) ^ n * s) by (apply Rmult_le_compat_r; auto). lra. }
    assert (T1 := G s1 r1 n1 k1 Hn1 ltac:(lia) Hs1 IH1).
    assert (T2 := G s2 r2 n2 k2 Hn2 ltac:(lia) Hs2 IH2). lra.
Qed.

Lemma factor_enough n f : INR (n + 3) * u < 1 -> 1 + gamma (n + 3) <= f ->
  1 <= (1 - INR n * u) * f * (1 - u).
Proof.
  intros Hn Hf. assert (U := u_pos). assert (U1 := u_small). assert (N := pos_INR n).
  rewrite gamma_alt in Hf by auto. rewrite plus_INR in *. set (N' := INR n) in *. simpl (INR 3) in *.
  replace (1 + 1 + 1) with 3 in * by ring.
  assert (D : 0 < 1 - (N' + 3) * u) by lra.
  assert (X : 1 <= f * (1 - (N' + 3) * u)).
  { set (w := 1 - (N' + 3) * u) in *. apply Rle_trans with (/ w * w).
    - rewrite Rinv_l; lra.
    - apply Rmult_le_compat_r; lra. }
  assert (F0 : 0 <= f).
  { eapply Rle_trans; [|exact Hf]. left. apply Rinv_0_lt_compat; auto. }
  assert (Y : 1 - (N' + 3) * u <= (1 - N' * u) * (1 - u)) by nra.
  assert (Z : f * (1 - (N' + 3) * u) <= f * ((1 - N' * u) * (1 - u))) by (apply Rmult_le_compat_l; auto).
  lra.
Qed.

(* a sum of nonnegative doubles: multiply, step up once *)
Theorem round_up_sum n s r f : posdot n 0 s r -> INR (n + 3) * u < 1 ->
  1 + gamma (n + 3) <= f -> s <= succ radix2 fexp (RN (r * f)).
Proof.
  intros H Hn Hf. destruct (posdot_facts n 0 s r H) as [_ [_ [_ [Hs [Hr E]]]]].
  assert (U := u_pos). assert (U1 := u_small). assert (N := pos_INR n).
  assert (Q := factor_enough n f Hn Hf). rewrite plus_INR in Hn. simpl (INR 3) in Hn.
  assert (D : 0 < 1 - INR n * u) by lra.
  simpl (INR 0) in E. assert (M := pow1m_ge n).
  assert (X : (1 - INR n * u) * s <= r).
  { assert ((1 - INR n * u) * s <= (1 - u) ^ n * s) by (apply Rmult_le_compat_r; auto). lra. }
  eapply Rle_trans; [|apply next_up_encloses].
  assert (F0 : 0 < f).
  { destruct (Rlt_le_dec 0 f); auto. assert ((1 - INR n * u) * f * (1 - u) <= 0); [|lra].
    replace ((1 - INR n * u) * f * (1 - u)) with (- ((1 - INR n * u) * (1 - u) * - f)) by ring.
    assert (0 <= (1 - INR n * u) * (1 - u) * - f); [|lra].
    apply Rmult_le_pos; [apply Rmult_le_pos|]; lra. }
  apply Rle_trans with ((1 - INR n * u) * s * f); [|apply Rmult_le_compat_r; lra].
  assert (Y : 1 <= (1 - INR n * u) * f).
  { assert (0 < (1 - INR n * u) * f) by (apply Rmult_lt_0_compat; lra). nra. }
  replace ((1 - INR n * u) * s * f) with (s * ((1 - INR n * u) * f)) by ring. nra.
Qed.

(* a dot product of nonnegative terms: multiply, add n eta, step up once *)
Theorem round_up_dot n k s r f : posdot n k s r -> (2 <= n)%nat -> INR (n + 3) * u < 1 ->
  1 + gamma (n + 3) <= f <= 3 / 2 ->
  s <= succ radix2 fexp (RN (RN (r * f) + INR n * eta)).
Proof.
  intros H H2 Hn [Hf Hf2]. destruct (posdot_facts n k s r H) as [_ [Hk [_ [Hs [Hr E]]]]].
  assert (U := u_pos). assert (U1 := u_small). assert (N := pos_INR n). assert (H0 := eta_pos).
  assert (Q := factor_enough n f Hn Hf).
  assert (F1 : 1 <= f).
  { eapply Rle_trans; [|exact Hf]. rewrite gamma_alt by auto. rewrite <- Rinv_1.
    assert (N3 := pos_INR (n + 3)). assert (0 <= INR (n + 3) * u) by nra.
    apply Rinv_le_contravar; lra. }
  rewrite plus_INR in Hn. simpl (INR 3) in Hn.
  assert (M := pow1m_ge n).
  assert (Kn : INR k <= INR n) by (apply le_INR; auto).
  assert (N2 : 2 <= INR n) by (change 2 with (INR 2); apply le_INR; auto).
  assert (X : (1 - INR n * u) * s - INR n * (eta / 2) <= r).
  { assert ((1 - INR n * u) * s <= (1 - u) ^ n * s) by (apply Rmult_le_compat_r; auto). nra. }
  eapply Rle_trans; [|apply next_up_encloses].
  assert (L := RN_lower (r * f) ltac:(nra)).
  assert (Y : ((1 - INR n * u) * s - INR n * (eta / 2)) * (f * (1 - u)) <= r * (f * (1 - u))).
  { apply Rmult_le_compat_r; auto. nra. }
  assert (Z : f * (1 - u) <= 3 / 2) by nra.
  assert (W : INR n * (eta / 2) * (f * (1 - u)) <= INR n * (eta / 2) * (3 / 2)).
  { apply Rmult_le_compat_l; auto. nra. }
  assert (V : s <= s * ((1 - INR n * u) * f * (1 - u))) by nra.
  assert (T : 2 * (eta / 2) <= INR n * (eta / 2)) by nra.
  lra.
Qed.

(* ---- compensated sums ------------------------------------------------------------ *)
(* every addition is a TwoSum: E collects the exact errors, A their magnitudes *)
Inductive csum : nat -> R -> R -> R -> R -> R -> Prop :=
| csum_term t : F64 t -> csum 1 t (Rabs t) t 0 0
| csum_add n1 s1 m1 r1 E1 A1 n2 s2 m2 r2 E2 A2 :
    csum n1 s1 m1 r1 E1 A1 -> csum n2 s2 m2 r2 E2 A2 ->
    csum (n1 + n2) (s1 + s2) (m1 + m2) (RN (r1 + r2))
      (E1 + E2 + (r1 + r2 - RN (r1 + r2))) (A1 + A2 + Rabs (r1 + r2 - RN (r1 + r2))).

Lemma csum_facts n s m r E A : csum n s m r E A ->
  (1 <= n)%nat /\ F64 r /\ s = r + E /\ Rabs s <= m /\ Rabs r <= (1 + u) ^ (n - 1) * m /\
  A <= INR (n - 1) * (u * (1 + u) ^ (n - 1)) * m /\ Rabs E <= A.
Proof.
  assert (U := u_pos).
  induction 1 as [t Ft|n1 s1 m1 r1 E1 A1 n2 s2 m2 r2 E2 A2 _ IH1 _ IH2].
  - repeat split; auto; simpl; try lra; rewrite ?Rabs_R0; lra.
  - destruct IH1 as [Hn1 [Fr1 [Es1 [Hs1 [HR1 [HA1 HE1]]]]]].
    destruct IH2 as [Hn2 [Fr2 [Es2 [Hs2 [HR2 [HA2 HE2]]]]]].
    destruct (standard_model_sum r1 r2 Fr1 Fr2) as [d [Hd Er]].
    set (q := (1 + u) ^ (n1 + n2 - 1)).
    assert (M1 : 0 <= m1) by (eapply Rle_trans; [apply Rabs_pos|exact Hs1]).
    assert (M2 : 0 <= m2) by (eapply Rle_trans; [apply Rabs_pos|exact Hs2]).
    assert (P1 : (1 + u) * (1 + u) ^ (n1 - 1) <= q).
    { change ((1 + u) * (1 + u) ^ (n1 - 1)) with ((1 + u) ^ S (n1 - 1)). apply pow1u_mono. lia. }
    assert (P2 : (1 + u) * (1 + u) ^ (n2 - 1) <= q).
    { change ((1 + u) * (1 + u) ^ (n2 - 1)) with ((1 + u) ^ S (n2 - 1)). apply pow1u_mono. lia. }
    assert (G1 := pow1u_ge1 (n1 - 1)). assert (G2 := pow1u_ge1 (n2 - 1)).
    set (p1 := (1 + u) ^ (n1 - 1)) in *. set (p2 := (1 + u) ^ (n2 - 1)) in *.
    assert (B : (1 + u) * Rabs (r1 + r2) <= q * (m1 + m2)).
    { apply Rle_trans with ((1 + u) * (p1 * m1 + p2 * m2)).
      - apply Rmult_le_compat_l; [lra|]. eapply Rle_trans; [apply Rabs_triang|]. lra.
      - assert ((1 + u) * p1 * m1 <= q * m1) by (apply Rmult_le_compat_r; auto).
        assert ((1 + u) * p2 * m2 <= q * m2) by (apply Rmult_le_compat_r; auto). lra. }
    assert (B0 := Rabs_pos (r1 + r2)).
    assert (e : Rabs (r1 + r2 - RN (r1 + r2)) <= u * (q * (m1 + m2))).
    { rewrite Er. replace (r1 + r2 - (r1 + r2) * (1 + d)) with (- (d * (r1 + r2))) by ring.
      rewrite Rabs_Ropp, Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. nra. }
    repeat split; [lia|apply F64_RN|lra| | | |].
    + eapply Rle_trans; [apply Rabs_triang|]. lra.
    + rewrite Er, Rabs_mult. assert (D1 : Rabs (1 + d) <= 1 + u).
      { eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_R1. lra. }
      fold q. nra.
    + fold q.
      assert (K : forall n m A p, (1 <= n)%nat -> (n <= n1 + n2 - 1)%nat -> 0 <= m -> 1 <= p -> (1 + u) * p <= q ->
        A <= INR (n - 1) * (u * p) * m -> A + u * q * m <= INR (n1 + n2 - 1) * (u * q) * m).
      { intros n m A p L1 L2 M0 Lp Lq HA.
        assert (I0 := pos_INR (n - 1)).
        assert (I1 : INR (n - 1) + 1 <= INR (n1 + n2 - 1)).
        { rewrite <- S_INR. apply le_INR. lia. }
        set (i := INR (n - 1)) in *. set (I := INR (n1 + n2 - 1)) in *.
        assert (p <= q) by nra.
        assert (i * (u * p) * m <= i * (u * q) * m).
        { apply Rmult_le_compat_r; auto. apply Rmult_le_compat_l; auto. apply Rmult_le_compat_l; lra. }
        assert (0 <= u * q * m) by (apply Rmult_le_pos; nra).
        assert ((i + 1) * (u * q * m) <= I * (u * q * m)) by (apply Rmult_le_compat_r; auto). lra. }
      assert (T1 := K n1 m1 A1 p1 Hn1 ltac:(lia) M1 G1 P1 HA1).
      assert (T2 := K n2 m2 A2 p2 Hn2 ltac:(lia) M2 G2 P2 HA2). lra.
    + eapply Rle_trans; [apply Rabs_triang|].
      assert (Y := Rabs_triang E1 E2). lra.
Qed.

(* Sum2: nearly as if computed in twice the precision. e is a floating-point sum,
   in any order, of the n-1 error terms. *)
Theorem sum2_error n s m r E A e : csum n s m r E A -> fsum (n - 1) E A e ->
  INR n * u <= / 4 ->
  Rabs (RN (r + e) - s) <= u * Rabs s + 2 * (INR n * u) ^ 2 * m.
Proof.
  intros Hc Hf Hn. assert (U := u_pos). assert (N := pos_INR n).
  destruct (csum_facts n s m r E A Hc) as [Hn1 [Fr [Es [Hs [HR [HA HE]]]]]].
  destruct (fsum_facts (n - 1) E A e Hf) as [Hn2 [Fe [_ He]]].
  assert (M0 : 0 <= m) by (eapply Rle_trans; [apply Rabs_pos|exact Hs]).
  assert (A0 : 0 <= A) by (eapply Rle_trans; [apply Rabs_pos|exact HE]).
  destruct (standard_model_sum r e Fr Fe) as [d [Hd Er]].
  set (x := INR n * u) in *.
  assert (G := pow1u_gamma n ltac:(fold x; lra)). fold x in G.
  assert (G1 := pow1u_ge1 n). set (p := (1 + u) ^ n) in *.
  assert (p1 : (1 + u) * (1 + u) ^ (n - 1) = p).
  { unfold p. replace n with (S (n - 1)) at 2 by lia. reflexivity. }
  assert (L1 := pow1u_ge1 (n - 1)). set (a := (1 + u) ^ (n - 1)) in *.
  assert (L2 : (1 + u) ^ (n - 1 - 1) <= a) by (apply pow1u_mono; lia).
  assert (L3 := pow1u_ge1 (n - 1 - 1)).
  assert (I : INR (n - 1) <= INR n) by (apply le_INR; lia).
  assert (I0 := pos_INR (n - 1)).
  assert (HA2 : A <= x * a * m).
  { eapply Rle_trans; [exact HA|]. apply Rmult_le_compat_r; auto. unfold x.
    replace (INR n * u * a) with (INR n * (u * a)) by ring. apply Rmult_le_compat_r; nra. }
  assert (X0 : 0 <= x) by (unfold x; nra).
  assert (G3 : p <= / (1 - x)) by exact G.
  assert (G4 : p * (1 - x) <= 1).
  { apply Rle_trans with (/ (1 - x) * (1 - x)).
    - apply Rmult_le_compat_r; lra.
    - rewrite Rinv_l; lra. }
  assert (He2 : (1 + u) * Rabs (e - E) <= (p - 1) * (x * p) * m).
  { assert (X1 : (1 + u) * Rabs (e - E) <= (1 + u) * ((a - 1) * (x * a * m))).
    { apply Rmult_le_compat_l; [lra|]. eapply Rle_trans; [exact He|].
      apply Rmult_le_compat; lra. }
    eapply Rle_trans; [exact X1|].
    replace ((1 + u) * ((a - 1) * (x * a * m))) with ((a - 1) * (x * ((1 + u) * a)) * m) by ring.
    rewrite p1. apply Rmult_le_compat_r; auto. apply Rmult_le_compat_r; [nra|]. nra. }
  assert (K : (p - 1) * (x * p) <= 2 * x ^ 2).
  { assert (P34 : p * (3 / 4) <= p * (1 - x)) by (apply Rmult_le_compat_l; lra).
    assert (P43 : p <= 4 / 3) by lra.
    assert (P1 : p - 1 <= x * p) by lra.
    assert ((p - 1) * (x * p) <= (x * p) * (x * p)) by (apply Rmult_le_compat_r; nra).
    assert (x * p <= x * (4 / 3)) by nra.
    assert ((x * p) * (x * p) <= (x * (4 / 3)) * (x * (4 / 3))) by (apply Rmult_le_compat; nra).
    replace (x ^ 2) with (x * x) by ring.
    assert (0 <= x * x) by nra. lra. }
  assert (K2 : (p - 1) * (x * p) * m <= 2 * x ^ 2 * m) by (apply Rmult_le_compat_r; auto).
  replace (RN (r + e) - s) with ((e - E) * (1 + d) + d * s) by (rewrite Er, Es; ring).
  assert (D1 : Rabs (1 + d) <= 1 + u).
  { eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_R1. lra. }
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult.
  assert (Rabs (e - E) * Rabs (1 + d) <= Rabs (e - E) * (1 + u)) by (apply Rmult_le_compat_l; auto using Rabs_pos).
  assert (Rabs d * Rabs s <= u * Rabs s) by (apply Rmult_le_compat_r; auto using Rabs_pos).
  lra.
Qed.
