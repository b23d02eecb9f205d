(* SPDX-License-Identifier: GPL-3.0-or-later *)
(* The facts about ln 2 that gappa/range.g takes as hypotheses. *)
Require Import Reals.
From Interval Require Import Tactic.
From Softbox Require Import ExpConst.
Open Scope R_scope.

Theorem ln2_range : 0.6931471805599453 <= ln 2 <= 0.6931471805599454.
Proof. split; interval with (i_prec 80). Qed.

Theorem ln2_inv : Rabs (L2E * ln 2 - 1) <= 1 / 2 ^ 53.
Proof. unfold L2E. interval with (i_prec 130). Qed.

Theorem ln2_split : Rabs (ln 2 - (HI + LO)) <= 1 / 2 ^ 89.
Proof. unfold HI, LO. interval with (i_prec 160). Qed.
