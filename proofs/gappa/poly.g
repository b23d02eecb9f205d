# [L-EXP-03] Rounding error of the polynomial of the exp kernel: Horner with
# FMA from C11 down to C2, then y = 1 + (q r^2 + r), for a double |r| <= 0.3467.
# constants
C2 = 0x1.000000000000ap-1;
C3 = 0x1.55555555554fep-3;
C4 = 0x1.55555555506bcp-5;
C5 = 0x1.1111111126b36p-7;
C6 = 0x1.6c16c18477083p-10;
C7 = 0x1.a01a012fee99cp-13;
C8 = 0x1.a019995efb00fp-16;
C9 = 0x1.71df18ef76144p-19;
C10 = 0x1.28adfccb26cd8p-22;
C11 = 0x1.ad92e899366cbp-26;
# end of constants
@rnd = float<ieee_64, ne>;
r = rnd(rr);
# what the program computes
q10 = rnd(C11 * r + C10);
q9 = rnd(q10 * r + C9);
q8 = rnd(q9 * r + C8);
q7 = rnd(q8 * r + C7);
q6 = rnd(q7 * r + C6);
q5 = rnd(q6 * r + C5);
q4 = rnd(q5 * r + C4);
q3 = rnd(q4 * r + C3);
q2 = rnd(q3 * r + C2);
s = rnd(r * r);
t = rnd(q2 * s + r);
y = rnd(1 + t);
# the same without rounding
M10 = C11 * r + C10;
M9 = M10 * r + C9;
M8 = M9 * r + C8;
M7 = M8 * r + C7;
M6 = M7 * r + C6;
M5 = M6 * r + C5;
M4 = M5 * r + C4;
M3 = M4 * r + C3;
M2 = M3 * r + C2;
Mt = M2 * (r * r) + r;
M = 1 + Mt;
{ |r| in [0, 0.3467] -> (y - M) / M in [-1.284e-16, 1.284e-16] }
$ r in 64;
