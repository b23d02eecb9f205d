# The nearest point s of the simplex to y, as a linear program: the least t with s_i >= y_i - t, s_i >= 0 and
# sum s_i <= 1. The sum of max(y_i - t, 0) falls in t, so at the least t it is 1 and s is that.
#
# Solved by GLPK's exact simplex, whose support is turned into fractions, and, where it is installed, by esolver,
# QSopt_ex's program, whose answers are fractions.
#
#   projection.py SOFTBOX FOLDER
#
# SPDX-License-Identifier: GPL-3.0-or-later
import ctypes as c
import ctypes.util
import json
import random
import shutil
import subprocess
import sys
from fractions import Fraction

softbox, folder = sys.argv[1:3]


def by_esolver(y):
    n = len(y)
    with open(folder + "/p.lp", "w") as f:
        f.write("Minimize\n obj: t\nSubject To\n")
        for i, v in enumerate(y):
            f.write(" c%d: s%d + t >= %s\n" % (i, i, v))
        f.write(" sum: %s <= 1\nBounds\n t free\nEnd\n" % " + ".join("s%d" % i for i in range(n)))
    subprocess.run(["esolver", "-O", folder + "/p.sol", folder + "/p.lp"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    s, part, good = [Fraction(0)] * n, "", False
    for line in open(folder + "/p.sol"):
        word = line.split()
        good = good or "OPTIMAL" in word
        if line.rstrip().endswith(":"):
            part = word[0]
        elif part == "VARS:" and word[0][0] == "s":
            s[int(word[0][1:])] = Fraction(word[2])
    assert good
    return s


def by_glpk(y):
    """y of doubles. What stands in GLPK's last basis and is not 0 is the support; its sum is 1."""
    n = len(y)
    g.glp_create_prob.restype = c.c_void_p
    g.glp_get_col_prim.restype = c.c_double
    p = c.c_void_p(g.glp_create_prob())
    g.glp_add_rows(p, n + 1)
    g.glp_add_cols(p, n + 1)  # t, s
    g.glp_set_col_bnds(p, 1, 1, c.c_double(0), c.c_double(0))  # free
    g.glp_set_obj_coef(p, 1, c.c_double(1))
    for i, v in enumerate(y):
        assert Fraction(float(v)) == v
        g.glp_set_col_bnds(p, i + 2, 2, c.c_double(0), c.c_double(0))
        g.glp_set_row_bnds(p, i + 1, 2, c.c_double(float(v)), c.c_double(0))
        g.glp_set_mat_row(p, i + 1, 2, (c.c_int * 3)(0, 1, i + 2), (c.c_double * 3)(0, 1, 1))
    g.glp_set_row_bnds(p, n + 1, 3, c.c_double(0), c.c_double(1))
    g.glp_set_mat_row(p, n + 1, n, (c.c_int * (n + 1))(0, *range(2, n + 2)),
                      (c.c_double * (n + 1))(0, *[1.0] * n))
    assert g.glp_exact(p, None) == 0 and g.glp_get_status(p) == 5  # optimal
    near = [g.glp_get_col_prim(p, i + 2) for i in range(n)]
    support = [i for i in range(n) if g.glp_get_col_stat(p, i + 2) == 1 and near[i] > 1e-12]
    g.glp_delete_prob(p)
    t = (sum(y[i] for i in support) - 1) / len(support)
    s = [y[i] - t if i in support else Fraction(0) for i in range(n)]
    assert all(abs(float(a) - b) < 1e-12 for a, b in zip(s, near))
    return s


def ours(name, x):
    r = subprocess.run([softbox, "eval", "--normalizer", name, "--arith", "mpq", "--format", "json",
                        "--at", ",".join(map(str, x))], check=True, stdout=subprocess.PIPE)
    return [Fraction(z["value"]) for z in json.loads(r.stdout)["outputs"]]


F = Fraction
fixed = [[F(1, 3), F(2, 7), F(-1, 2)], [F(5)], [F(1)] * 4, [F(3, 2), F(1, 2), F(0)], [F(0), F(-1)],
         [F(1, 2)] * 3 + [F(1, 6)]]
rng = random.Random(7)
solvers = []
g = c.CDLL(ctypes.util.find_library("glpk"))
g.glp_term_out(0)
solvers.append((by_glpk, 64))
if shutil.which("esolver"):
    solvers.append((by_esolver, 105))
bad = 0
for solve, unit in solvers:
    for k in range(40):
        x = fixed[k] if k < len(fixed) and unit == 105 else \
            [F(rng.randrange(-3 * unit, 3 * unit), unit) for _ in range(rng.randrange(1, 12))]
        name, scale = [("sparsemax", F(1)), ("sparsemax:delta=1/2", F(2)),
                       ("sparsemax:delta=4", F(1, 4)),
                       ("sparsegen:gamma=-1", F(1, 2))][0 if k < len(fixed) else k % 4]
        a, b = ours(name, x), solve([scale * v for v in x])
        if a != b:
            bad += 1
            print(name, x, a, b)
print("%d solvers, %d bad" % (len(solvers), bad))
