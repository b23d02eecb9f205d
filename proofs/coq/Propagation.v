(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* Bounds of a whole network: forward with intervals, backward with affine
   functions, and what the search may conclude from them. Rounding enters as
   hypotheses of the form |computed - exact| <= e; Summation.v proves those. *)
Require Import Reals Lra Lia Arith.
From Flocq Require Import Core.
From Softbox Require Import Sums Rounding Summation.
Open Scope R_scope.

(* ---- interval propagation of one neuron ---------------------------------------- *)
Theorem affine_interval n w b x c r M e rho :
  (forall j, (j < n)%nat -> Rabs (x j - c j) <= r j) ->
  Rabs (M - (sumn n (fun j => w j * c j) + b)) <= e ->
  sumn n (fun j => Rabs (w j) * r j) + e <= rho ->
  M - rho <= sumn n (fun j => w j * x j) + b <= M + rho.
Proof.
  intros Hx HM Hr. apply Rabs_le_inv in HM.
  assert (D : Rabs (sumn n (fun j => w j * (x j - c j))) <= sumn n (fun j => Rabs (w j) * r j)).
  { eapply Rle_trans; [apply sumn_abs|]. apply sumn_le. intros j Hj.
    rewrite Rabs_mult. apply Rmult_le_compat_l; auto using Rabs_pos. }
  rewrite (sumn_ext n _ (fun j => w j * x j - w j * c j)), sumn_minus in D by (intros; ring).
  apply Rabs_le_inv in D. lra.
Qed.

(* The radius as the program makes it. R and S are the exact sums |W| r and
   |W| |c| + |b|, R' and S' what it gets for them, g >= gamma_{n+1} and
   f >= 1 + gamma_{2n+8} two doubles. *)
Theorem radius_enough n kr ks km R R' S S' C M g f : (1 <= n)%nat ->
  posdot n kr R R' -> posdot (n + 1) ks S S' -> dot (n + 1) km C S M ->
  (kr <= n)%nat -> (ks <= n)%nat -> (km <= n)%nat ->
  INR (2 * n + 8) * u < 1 -> gamma (n + 1) <= g <= / 8 -> 1 + gamma (2 * n + 8) <= f ->
  R + Rabs (M - C) <=
    succ radix2 fexp (RN (f * RN (RN (R' + RN (g * S')) + 2 * INR n * eta))).
Proof.
  intros H1 HR HS HM Lr Ls Lm Hn [Hg Hg8] Hf.
  destruct (posdot_facts _ _ _ _ HR) as [_ [_ [FR [R0 [R0' ER]]]]].
  destruct (posdot_facts _ _ _ _ HS) as [_ [_ [FS [S0 [S0' ES]]]]].
  destruct (dot_facts _ _ _ _ _ HM) as [_ [_ [_ EM]]].
  assert (U := u_pos). assert (U1 := u_small). assert (H0 := eta_pos).
  set (h := eta / 2) in *. assert (h0 : 0 < h) by (unfold h; lra).
  set (N := INR n). assert (N1 : 1 <= N) by (change 1 with (INR 1); apply le_INR; auto).
  assert (Kr : INR kr <= N) by (apply le_INR; auto).
  assert (Ks : INR ks <= N) by (apply le_INR; auto).
  assert (Km : INR km <= N) by (apply le_INR; auto).
  assert (E28 : INR (2 * n + 8) = 2 * N + 8).
  { rewrite plus_INR, mult_INR. fold N. simpl. ring. }
  assert (E1 : INR (n + 1) = N + 1) by (rewrite plus_INR; fold N; simpl; ring).
  rewrite E28 in Hn.
  assert (Fe : F64 (2 * INR n * eta)).
  { replace (2 * INR n) with (IZR (2 * Z.of_nat n)) by (rewrite mult_IZR, <- INR_IZR_INZ; ring).
    apply eta_multiple. rewrite Z.abs_eq by lia. apply lt_IZR.
    rewrite mult_IZR, <- INR_IZR_INZ. fold N. rewrite u_val in Hn.
    assert (P : 0 < 2 ^ 53) by lra. assert (X : (2 * N + 8) * / 2 ^ 53 * 2 ^ 53 < 1 * 2 ^ 53).
    { apply Rmult_lt_compat_r; auto. }
    rewrite Rmult_assoc, Rinv_l in X by lra. cbn in *. lra. }
  assert (Nu : (N + 1) * u < / 2) by lra.
  (* the error of M *)
  assert (Gn : (1 + u) ^ (n + 1) <= 1 + gamma (n + 1)).
  { rewrite gamma_alt by (rewrite E1; lra). apply pow1u_gamma. rewrite E1; lra. }
  assert (P98 : (1 + u) ^ (n + 1) <= 9 / 8) by lra.
  assert (BM : Rabs (M - C) <= g * S + N * h * (9 / 8)).
  { eapply Rle_trans; [exact EM|]. apply Rplus_le_compat.
    - apply Rmult_le_compat_r; lra.
    - assert (Q := pow1u_ge1 (n + 1)). apply Rmult_le_compat; try lra.
      + apply Rmult_le_pos; [apply pos_INR|lra].
      + apply Rmult_le_compat_r; lra. }
  (* each operation of the radius from below *)
  set (q := 1 - u). assert (q1 : 0 < q < 1) by (unfold q; lra). fold q in ER, ES.
  assert (g0 : 0 <= g).
  { eapply Rle_trans; [|exact Hg]. unfold gamma. rewrite E1.
    apply Rlt_le, Rdiv_lt_0_compat; nra. }
  assert (B1 := RN_lower (g * S') ltac:(apply Rmult_le_pos; lra)). fold h q in B1.
  set (t1 := RN (g * S')) in *.
  assert (F1 : F64 t1) by apply F64_RN.
  assert (t10 : 0 <= t1) by (apply RN_nonneg, Rmult_le_pos; lra).
  assert (SUM : forall a b, F64 a -> F64 b -> 0 <= a + b -> (a + b) * q <= RN (a + b)).
  { intros a b Fa Fb Hab. destruct (standard_model_sum a b Fa Fb) as [d [Hd ->]].
    apply Rabs_le_inv in Hd. apply Rmult_le_compat_l; auto. unfold q. lra. }
  assert (B2 := SUM R' t1 FR F1 ltac:(lra)). set (t2 := RN (R' + t1)) in *.
  assert (F2 : F64 t2) by apply F64_RN.
  assert (t20 : 0 <= t2) by (apply RN_nonneg; lra).
  assert (e0 : 0 <= 2 * N * eta) by nra.
  assert (B3 := SUM t2 (2 * N * eta) F2 Fe ltac:(lra)). set (t3 := RN (t2 + 2 * N * eta)) in *.
  eapply Rle_trans; [|apply next_up_encloses].
  (* t3 >= q^(n+4) (R + g S) + N h (9/8) in total *)
  assert (PN := pow1m_mono (n + 1) (n + 2) ltac:(lia)). fold q in PN.
  assert (X1 : q ^ (n + 2) * S * g - g * (N * h) - h <= t1).
  { assert (Y : (q ^ (n + 1) * S - N * h) * (g * q) <= S' * (g * q)).
    { apply Rmult_le_compat_r.
      { apply Rmult_le_pos; lra. }
      assert (INR ks * h <= N * h) by (apply Rmult_le_compat_r; lra). lra. }
    replace (n + 2)%nat with (1 + (n + 1))%nat by lia. cbn [pow Nat.add].
    assert (Z : g * (N * h) * q <= g * (N * h) * 1).
    { apply Rmult_le_compat_l; [|lra]. apply Rmult_le_pos; auto. apply Rmult_le_pos; lra. }
    lra. }
  assert (X2 : q ^ n * R - N * h <= R').
  { assert (INR kr * h <= N * h) by (apply Rmult_le_compat_r; lra). lra. }
  assert (PM := pow1m_mono n (n + 2) ltac:(lia)). fold q in PM.
  assert (X3 : q ^ (n + 2) * (R + g * S) - N * h * (1 + / 8) - h <= R' + t1).
  { assert (q ^ (n + 2) * R <= q ^ n * R) by (apply Rmult_le_compat_r; auto).
    assert (g * (N * h) <= / 8 * (N * h)) by (apply Rmult_le_compat_r; [apply Rmult_le_pos|]; lra).
    lra. }
  set (T := R + g * S) in *. assert (T0 : 0 <= T) by (unfold T; assert (0 <= g * S) by (apply Rmult_le_pos; lra); lra).
  assert (Nh : h <= N * h) by nra.
  assert (X4 : (q ^ (n + 2) * T - N * h * (17 / 8)) * q * q <= (R' + t1) * q * q).
  { apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat_r; [lra|]. lra. }
  assert (X5 : (R' + t1) * q * q <= t2 * q) by (apply Rmult_le_compat_r; lra).
  assert (Nh0 : 0 < N * h) by lra.
  assert (X6 : N * h * (17 / 8) * q * q <= N * h * (17 / 8)).
  { assert (0 < q * q <= 1) by nra. nra. }
  assert (X7 : 2 * N * eta * q = 4 * (N * h) * q) by (unfold h; field).
  assert (q99 : 0.99 <= q) by (unfold q; lra).
  assert (X8 : q ^ (n + 4) * T + N * h * (9 / 8) <= t3).
  { replace (q ^ (n + 4)) with (q ^ (n + 2) * q * q).
    - assert (4 * (N * h) * 0.99 <= 4 * (N * h) * q) by (apply Rmult_le_compat_l; lra). lra.
    - replace (n + 4)%nat with (1 + (1 + (n + 2)))%nat by lia. cbn [pow Nat.add]. ring. }
  assert (D : 1 <= q ^ (n + 4) * f).
  { assert (Q := pow1m_ge (n + 4)). fold q in Q. rewrite plus_INR in Q. fold N in Q.
    simpl (INR 4) in Q. replace (1 + 1 + 1 + 1) with 4 in Q by ring.
    rewrite gamma_alt in Hf by (rewrite E28; lra). rewrite E28 in Hf.
    set (z := 1 - (2 * N + 8) * u) in *. assert (z0 : 0 < z) by (unfold z; lra).
    apply Rle_trans with (z * / z); [right; field; lra|].
    apply Rmult_le_compat; try lra; [left; apply Rinv_0_lt_compat; auto|].
    unfold z. assert (0 <= (N + 4) * u) by nra. lra. }
  assert (f1 : 1 <= f).
  { eapply Rle_trans; [|exact Hf]. unfold gamma. rewrite E28.
    assert (0 <= (2 * N + 8) * u / (1 - (2 * N + 8) * u)); [|lra].
    apply Rlt_le, Rdiv_lt_0_compat; nra. }
  assert (V : f * (q ^ (n + 4) * T + N * h * (9 / 8)) <= f * t3) by (apply Rmult_le_compat_l; lra).
  assert (V1 : T <= f * (q ^ (n + 4) * T)).
  { replace (f * (q ^ (n + 4) * T)) with (q ^ (n + 4) * f * T) by ring.
    rewrite <- (Rmult_1_l T) at 1. apply Rmult_le_compat_r; auto. }
  assert (V2 : N * h * (9 / 8) <= f * (N * h * (9 / 8))).
  { rewrite <- (Rmult_1_l (N * h * (9 / 8))) at 1. apply Rmult_le_compat_r; lra. }
  assert (TE : T = R + g * S) by reflexivity. clearbody T. lra.
Qed.

(* ---- backward: an affine layer z = W y + b ----------------------------------------- *)
(* La is the row before, La' the computed La W, my a bound of |y|. The correction
   needs |W| my once a layer, not once a row. *)
Theorem backward_affine m n (La b z : nat -> R) (W : nat -> nat -> R) La' y my g h :
  (forall i, (i < m)%nat -> z i = sumn n (fun j => W i j * y j) + b i) ->
  (forall j, (j < n)%nat -> Rabs (y j) <= my j) ->
  (forall j, (j < n)%nat ->
     Rabs (La' j - sumn m (fun i => La i * W i j))
       <= g * sumn m (fun i => Rabs (La i) * Rabs (W i j)) + h) ->
  sumn n (fun j => La' j * y j) + sumn m (fun i => La i * b i)
    - g * sumn m (fun i => Rabs (La i) * sumn n (fun j => Rabs (W i j) * my j))
    - h * sumn n my <= sumn m (fun i => La i * z i).
Proof.
  intros Hz Hy HL.
  assert (E1 : sumn m (fun i => La i * z i) =
    sumn n (fun j => sumn m (fun i => La i * W i j) * y j) + sumn m (fun i => La i * b i)).
  { rewrite (sumn_ext m _ (fun i => sumn n (fun j => La i * W i j * y j) + La i * b i)).
    - rewrite sumn_plus, sumn_swap. f_equal. apply sumn_ext. intros j _. apply sumn_scal_r.
    - intros i Hi. rewrite (Hz i Hi), Rmult_plus_distr_l, <- sumn_scal. f_equal.
      apply sumn_ext. intros; ring. }
  assert (E2 : sumn m (fun i => Rabs (La i) * sumn n (fun j => Rabs (W i j) * my j)) =
    sumn n (fun j => sumn m (fun i => Rabs (La i) * Rabs (W i j)) * my j)).
  { rewrite (sumn_ext m _ (fun i => sumn n (fun j => Rabs (La i) * Rabs (W i j) * my j))).
    - rewrite sumn_swap. apply sumn_ext. intros j _. apply sumn_scal_r.
    - intros i _. rewrite <- sumn_scal. apply sumn_ext. intros; ring. }
  rewrite E1, E2, <- !sumn_scal.
  assert (T : sumn n (fun j => La' j * y j)
    <= sumn n (fun j => sumn m (fun i => La i * W i j) * y j
         + g * (sumn m (fun i => Rabs (La i) * Rabs (W i j)) * my j) + h * my j)).
  { apply sumn_le. intros j Hj. specialize (HL j Hj). specialize (Hy j Hj).
    set (c := sumn m (fun i => La i * W i j)) in *. clearbody c. set (d := sumn m _) in *.
    assert (Q : (La' j - c) * y j <= (g * d + h) * my j).
    { eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult.
      apply Rmult_le_compat; auto using Rabs_pos. }
    lra. }
  rewrite !sumn_plus in T. lra.
Qed.

(* ---- backward: an elementwise layer, or any with one relaxation an entry -------------- *)
Theorem backward_elementwise n (La La' y z al bl au bu e my : nat -> R) :
  (forall j, (j < n)%nat -> al j * y j + bl j <= z j <= au j * y j + bu j) ->
  (forall j, (j < n)%nat -> Rabs (y j) <= my j) ->
  (forall j, (j < n)%nat ->
     Rabs (La' j - La j * (if Rle_dec 0 (La j) then al j else au j)) <= e j) ->
  sumn n (fun j => La' j * y j)
    + sumn n (fun j => La j * (if Rle_dec 0 (La j) then bl j else bu j))
    - sumn n (fun j => e j * my j) <= sumn n (fun j => La j * z j).
Proof.
  intros Hz Hy HL. rewrite <- sumn_plus, <- sumn_minus. apply sumn_le. intros j Hj.
  specialize (Hz j Hj). specialize (Hy j Hj). specialize (HL j Hj).
  set (a := if Rle_dec 0 (La j) then al j else au j) in *.
  set (b := if Rle_dec 0 (La j) then bl j else bu j).
  assert (Q : (La' j - La j * a) * y j <= e j * my j).
  { eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult.
    apply Rmult_le_compat; auto using Rabs_pos. }
  assert (R : La j * (a * y j + b) <= La j * z j).
  { unfold a, b. destruct (Rle_dec 0 (La j)).
    - apply Rmult_le_compat_l; lra.
    - assert (0 <= - La j * (au j * y j + bu j - z j)); [apply Rmult_le_pos; lra|lra]. }
  lra.
Qed.

(* ---- backward: one tensor used by several consumers ------------------------------------ *)
Theorem backward_fan_out K n (C : nat -> nat -> R) (La y my : nat -> R) g :
  (forall j, (j < n)%nat -> Rabs (y j) <= my j) ->
  (forall j, (j < n)%nat ->
     Rabs (La j - sumn K (fun k => C k j)) <= g * sumn K (fun k => Rabs (C k j))) ->
  sumn n (fun j => La j * y j) - g * sumn n (fun j => sumn K (fun k => Rabs (C k j)) * my j)
    <= sumn K (fun k => sumn n (fun j => C k j * y j)).
Proof.
  intros Hy HL. rewrite sumn_swap, <- sumn_scal, <- sumn_minus. apply sumn_le. intros j Hj.
  specialize (Hy j Hj). specialize (HL j Hj). rewrite sumn_scal_r.
  set (c := sumn K (fun k => C k j)) in *. clearbody c. set (d := sumn K _) in *.
  assert (Q : (La j - c) * y j <= g * d * my j).
  { eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult.
    apply Rmult_le_compat; auto using Rabs_pos. }
  lra.
Qed.

(* ---- coefficients known as centre and radius --------------------------------------------- *)
Theorem backward_radius m n (La b bc rb : nat -> R) (W Wc rW : nat -> nat -> R) y my :
  (forall j, (j < n)%nat -> Rabs (y j) <= my j) ->
  (forall i j, (i < m)%nat -> (j < n)%nat -> Rabs (W i j - Wc i j) <= rW i j) ->
  (forall i, (i < m)%nat -> Rabs (b i - bc i) <= rb i) ->
  sumn m (fun i => La i * (sumn n (fun j => Wc i j * y j) + bc i))
    - sumn m (fun i => Rabs (La i) * (sumn n (fun j => rW i j * my j) + rb i))
    <= sumn m (fun i => La i * (sumn n (fun j => W i j * y j) + b i)).
Proof.
  intros Hy HW Hb. rewrite <- sumn_minus. apply sumn_le. intros i Hi. specialize (Hb i Hi).
  assert (D : Rabs (sumn n (fun j => (W i j - Wc i j) * y j)) <= sumn n (fun j => rW i j * my j)).
  { eapply Rle_trans; [apply sumn_abs|]. apply sumn_le. intros j Hj. rewrite Rabs_mult.
    apply Rmult_le_compat; auto using Rabs_pos. }
  rewrite (sumn_ext n _ (fun j => W i j * y j - Wc i j * y j)), sumn_minus in D by (intros; ring).
  set (a := sumn n (fun j => W i j * y j)) in *. set (c := sumn n (fun j => Wc i j * y j)) in *.
  clearbody a c. set (r := sumn n _) in *.
  assert (Q : La i * (c + bc i - (a + b i)) <= Rabs (La i) * (r + rb i)).
  { eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|].
    replace (c + bc i - (a + b i)) with (- (a - c) + - (b i - bc i)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_Ropp. lra. }
  lra.
Qed.

(* ---- concretisation at the input box -------------------------------------------------------- *)
Theorem concretise n (La l u x : nat -> R) beta s e :
  (forall j, (j < n)%nat -> l j <= x j <= u j) ->
  Rabs (s - (beta + sumn n (fun j => La j * (if Rle_dec 0 (La j) then l j else u j)))) <= e ->
  s - e <= sumn n (fun j => La j * x j) + beta.
Proof.
  intros Hx Hs. apply Rabs_le_inv in Hs.
  assert (T : sumn n (fun j => La j * (if Rle_dec 0 (La j) then l j else u j))
              <= sumn n (fun j => La j * x j)).
  { apply sumn_le. intros j Hj. specialize (Hx j Hj). destruct (Rle_dec 0 (La j)).
    - apply Rmult_le_compat_l; lra.
    - assert (0 <= - La j * (u j - x j)) by (apply Rmult_le_pos; lra). lra. }
  lra.
Qed.

(* ---- two valid enclosures ----------------------------------------------------------------------- *)
Theorem enclosure_meet z l1 u1 l2 u2 : l1 <= z <= u1 -> l2 <= z <= u2 ->
  Rmax l1 l2 <= z <= Rmin u1 u2.
Proof. intros H1 H2. split; [apply Rmax_lub|apply Rmin_glb]; lra. Qed.

(* ---- splitting: a cover of the box, every part refuted ------------------------------------------- *)
Theorem split_refutes (X I : Type) (box bad : X -> Prop) (part : I -> X -> Prop) :
  (forall x, box x -> exists i, part i x) ->
  (forall i x, part i x -> ~ bad x) -> forall x, box x -> ~ bad x.
Proof. intros Hc Hp x Hx. destruct (Hc x Hx) as [i Hi]. eauto. Qed.

(* the split of one neuron: z <= 0 or z >= 0 *)
Lemma sign_cover z : z <= 0 \/ 0 <= z. Proof. lra. Qed.

(* ---- properties: the unsafe set is a union of polyhedra -------------------------------------------- *)
(* polyhedron number d: all constraints k < K d of the form c_{d,k} . y <= r_{d,k} *)
Section Property.
Variables (X : Type) (box : X -> Prop) (n : nat) (out : X -> nat -> R).
Variables (D : nat) (K : nat -> nat) (c : nat -> nat -> nat -> R) (r : nat -> nat -> R).

Definition excess d k x := sumn n (fun j => c d k j * out x j) - r d k.
Definition unsafe x := exists d, (d < D)%nat /\ forall k, (k < K d)%nat -> excess d k x <= 0.

(* one constraint of each polyhedron is violated all over the box *)
Theorem disjuncts_refuted :
  (forall d, (d < D)%nat -> exists k L, (k < K d)%nat /\ 0 < L /\
     forall x, box x -> L <= excess d k x) ->
  forall x, box x -> ~ unsafe x.
Proof.
  intros H x Hx [d [Hd Hk]]. destruct (H d Hd) as [k [L [Lk [L0 HL]]]].
  specialize (HL x Hx). specialize (Hk k Lk). lra.
Qed.

(* a point of the box where every constraint of one polyhedron is met for certain *)
Theorem witness_violates x d (hi : nat -> R) : box x -> (d < D)%nat ->
  (forall k, (k < K d)%nat -> excess d k x <= hi k) ->
  (forall k, (k < K d)%nat -> hi k <= 0) -> exists x', box x' /\ unsafe x'.
Proof.
  intros Hx Hd H1 H2. exists x. split; auto. exists d. split; auto.
  intros k Hk. specialize (H1 k Hk). specialize (H2 k Hk). lra.
Qed.
End Property.
