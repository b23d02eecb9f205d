# [L-EXP-01] Range reduction of the exp kernel: the whole chain, FMA, rounding
# to nearest, for 1/4 <= |x| <= 10^6. (For |x| < 1/4 the program has k = 0 and
# r = x.) What is assumed of LN2 is proved of ln 2 in coq/Ln2.v.
# constants
L2E = 0x1.71547652b82fep+0;
MAGIC = 0x1.8p+52;
HI = 0x1.62e42ffp-1;
LO = -0x1.718432a1b0e26p-35;
# end of constants
@rnd = float<ieee_64, ne>;
x = rnd(xx);
z = rnd(x * L2E + MAGIC);
k = z - MAGIC;                     # exact in the program: z in [2^52, 2^53]
r1 = rnd(x - k * HI);              # no rounding happens: third line of the goal
r = rnd(r1 - k * LO);
R = x - k * LN2;                   # the exact remainder
{ |x| in [0.25, 1000000]
  /\ LN2 in [0.6931471805599453, 0.6931471805599454]
  /\ LN2 - (HI + LO) in [-1b-89, 1b-89]
  /\ L2E * LN2 - 1 in [-1b-53, 1b-53]
 -> k - x * L2E in [-0.5, 0.5] /\ |R| in [0, 0.34658] /\ |r| in [0, 0.3466]
    /\ r1 - (x - k * HI) in [0, 0]
    /\ r - R in [-2.7762e-17, 2.7762e-17]
    /\ @FIX(k, 0) }
# Rewriting hints; Gappa proves each of them before it uses it.
k - x * L2E -> z - (x * L2E + MAGIC);
R -> (x * L2E - k) * LN2 - x * (L2E * LN2 - 1);
x - k * HI -> R + k * (LN2 - (HI + LO)) + k * LO;
r - R -> (r - (r1 - k * LO)) + (r1 - (x - k * HI)) + k * (LN2 - (HI + LO));
r -> R + (r - R);
