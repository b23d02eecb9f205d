#!/usr/bin/env python3
"""Writes the arrays of this folder with NumPy, and expected.txt: what each holds, as fractions.

A line of expected.txt is: file, name of the array or -, kind and bytes of an element, dimensions
joined by x, then every element in row-major order.
"""

import gzip
import io
import os
import struct
import zipfile
from fractions import Fraction

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(HERE)
lines = []


def expect(file, name, array):
    kind = array.dtype.kind + str(array.dtype.itemsize)
    dims = "x".join(map(str, array.shape)) or "-"
    values = [str(Fraction(v.item())) for v in array.flatten(order="C")]
    lines.append(" ".join([file, name, kind, dims] + values))


def sample(dtype):
    d = np.dtype(dtype)
    if d.kind == "b":
        return np.array([True, False, True, True, False, False]).reshape(2, 3)
    if d.kind == "f":
        info = np.finfo(d)
        v = [0.1, -2.5, float(info.max), float(info.tiny), float(info.tiny) / 4, -0.0]
        return np.array(v, d).reshape(3, 2)
    info = np.iinfo(d)
    return np.array([info.min, info.max, 0, 1, 77, info.max // 3 - 1], d).reshape(2, 1, 3)


def npy_bytes(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def write(name, data):
    with open(name, "wb") as out:
        out.write(data)


for dtype in ["?", "u1", "i1"] + [e + t for e in "<>" for t in "u2 u4 u8 i2 i4 i8 f2 f4 f8".split()]:
    a = sample(dtype)
    name = "a_%s.npy" % dtype.replace("<", "le_").replace(">", "be_").replace("?", "b1")
    np.save(name, a)
    expect(name, "-", a)

f = np.asfortranarray(np.arange(24, dtype="<i2").reshape(2, 3, 4))
np.save("fortran.npy", f)
expect("fortran.npy", "-", f)
np.save("scalar.npy", np.float64(1.25))
expect("scalar.npy", "-", np.array(1.25))
np.save("empty.npy", np.zeros((3, 0, 5), "f4"))
expect("empty.npy", "-", np.zeros((3, 0, 5), "f4"))
for version in [(2, 0), (3, 0)]:
    with open("version%d.npy" % version[0], "wb") as out:
        np.lib.format.write_array(out, np.arange(5, dtype="u1"), version=version)
    expect("version%d.npy" % version[0], "-", np.arange(5, dtype="u1"))
with gzip.GzipFile("zipped.npy.gz", "wb", mtime=0) as out:
    out.write(npy_bytes(np.arange(4.0)))
expect("zipped.npy", "-", np.arange(4.0))

x = np.arange(60, dtype="u1").reshape(3, 4, 5)
y = np.array([2, 0, 1], "i8")
np.savez("stored.npz", x, labels=y)
expect("stored.npz", "labels", y)
expect("stored.npz", "arr_0", x)
np.savez_compressed("deflated.npz", x_test=np.tile(x, (1, 30, 1)), y_test=y)
expect("deflated.npz", "x_test", np.tile(x, (1, 30, 1)))
expect("deflated.npz", "y_test", y)


class Pipe(io.RawIOBase):
    """A file that cannot be rewound: zipfile then writes data descriptors."""

    def __init__(self, to):
        self.to = to

    def writable(self):
        return True

    def write(self, b):
        return self.to.write(bytes(b))


with open("descriptor.npz", "wb") as out:
    with zipfile.ZipFile(Pipe(out), "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("x.npy"), npy_bytes(x), zipfile.ZIP_DEFLATED)
expect("descriptor.npz", "x", x)

for code, dtype in [(8, "u1"), (9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")]:
    a = sample(">" + dtype if dtype[1] > "1" else dtype)
    head = struct.pack(">HBB", 0, code, a.ndim) + struct.pack(">%dI" % a.ndim, *a.shape)
    write("idx_%s" % dtype, head + a.tobytes())
    expect("idx_%s" % dtype, "-", a)
write("idx_u1_zipped.gz", gzip.compress(open("idx_u1", "rb").read(), mtime=0))
expect("idx_u1_zipped.gz", "-", sample("u1"))

with open("expected.txt", "w", newline="\n") as out:
    out.write("\n".join(lines) + "\n")

# ---- refused: bad/NAME, and bad/reasons.txt with what each message must contain


good = npy_bytes(np.arange(6, dtype="<f8"))
reasons = []


def bad(name, data, why):
    write("bad/" + name, data)
    reasons.append(name + " " + why)


def npy(text, data=b"", version=b"\x01\x00"):
    text = text.encode("latin1")
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    return b"\x93NUMPY" + version + size + text + data


def shape(s, data=b"", descr="<f8"):
    return npy("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, s), data)


os.makedirs("bad", exist_ok=True)
bad("short.npy", good[:-1], "cut short")
bad("long.npy", good + b"x", "1 bytes behind the array")
bad("magic.npy", good[:7], "not .npy")
bad("version.npy", good[:6] + b"\x04\x00" + good[8:], "version 4.0")
bad("header_cut.npy", good[:40], "cut short in the header")
bad("header_huge.npy", npy("{}", b"", b"\x02\x00")[:8] + b"\xff\xff\xff\x7f{}", "over 10000")
bad("huge.npy", shape("(1099511627776,)"), "cut short")
bad("huge_product.npy", shape("(4294967296, 4294967296, 4294967296)"), "cut short")
bad("dimension.npy", shape("(99999999999999999999999,)"), "too large")
bad("negative.npy", shape("(-1,)"), "not a dimension >= 0")
bad("ranks.npy", shape("(" + "1," * 40 + ")"), "too many dimensions")
bad("object.npy", shape("(1,)", b"x", "|O"), "element type '|O'")
bad("text.npy", shape("(1,)", b"x", "<U1"), "element type '<U1'")
bad("complex.npy", shape("(1,)", b"x", "<c8"), "element type '<c8'")
bad("records.npy", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), "records")
bad("twice.npy", npy("{'shape': (1,), 'shape': (2,)}"), "there twice")
bad("missing.npy", npy("{'shape': (1,)}"), "is missing")
bad("unclosed.npy", npy("{'descr': '<f8'"), "neither ',' nor '}'")
bad("behind.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': ()} x"), "behind the dict")
bad("truth.npy", npy("{'fortran_order': Maybe}"), "neither True nor False")

np.savez("bad/tmp.npz", x=y)
archive = open("bad/tmp.npz", "rb").read()
os.remove("bad/tmp.npz")
cd = archive.index(b"PK\x01\x02")
end = archive.index(b"PK\x05\x06")
bad("short.npz", archive[:-1], "no directory at the end")
bad("checksum.npz", archive[: cd - 1] + bytes([archive[cd - 1] ^ 1]) + archive[cd:], "checksum differs")
bad("encrypted.npz", archive[: cd + 8] + b"\x01" + archive[cd + 9 :], "encrypted")
bad("method.npz", archive[: cd + 10] + b"\x0c" + archive[cd + 11 :], "zip method 12")
bad("zip64.npz", archive[: cd + 20] + b"\xff" * 8 + archive[cd + 28 :], "zip64 sizes")
bad("zip64_end.npz", archive[: end + 8] + b"\xff" * 4 + archive[end + 12 :], "zip64 archive")
bad("parts.npz", archive[: end + 4] + b"\x01" + archive[end + 5 :], "several parts")
bad("directory.npz", archive[: end + 16] + b"\x07" + archive[end + 17 :], "not where its record")
bad("sizes.npz", archive[: cd + 24] + b"\x07" + archive[cd + 25 :], "two sizes")
bad("nothing.npz", archive[end:][:8] + b"\0" * 14, "no members")
z = io.BytesIO()
with zipfile.ZipFile(z, "w") as out:
    out.writestr(zipfile.ZipInfo("notes.txt"), "hello")
bad("member.npz", z.getvalue(), "notes.txt: not .npy")
z = io.BytesIO()
with zipfile.ZipFile(z, "w", zipfile.ZIP_DEFLATED) as out:
    out.writestr(zipfile.ZipInfo("x.npy"), good, zipfile.ZIP_DEFLATED)
z = z.getvalue()
cd = z.index(b"PK\x01\x02")
bad("more.npz", z[: cd + 24] + b"\x7f" + z[cd + 25 :], "damaged")
bad("bomb.npz", z[: cd + 24] + b"\xff\xff\xff\x7f" + z[cd + 28 :], "a size that cannot be")

idx = open("idx_f4", "rb").read()
bad("short.idx", idx[:-1], "cut short")
bad("long.idx", idx + b"x", "1 bytes behind")
bad("head.idx", idx[:9], "cut short in the header")
bad("type.idx", b"\0\0\x0a\x01\0\0\0\x01x", "element type 0x0a")
bad("rank.idx", b"\0\0\x08\0x", "0 dimensions")
bad("huge.idx", b"\0\0\x08\x03" + b"\xff" * 12 + b"x", "cut short")

bad("word.csv", b"1,2\n3,4x\n", "word.csv:2: column 2: not a number")
bad("nan.csv", b"1,NaN\n", "nan.csv:1: column 2: no finite number")
bad("inf.csv", b"a,b\n1,-inf\n", ":2: column 2: no finite number")
bad("short.csv", b"a,b\n1,2\n3\n", ":3: column 1: a row that is too short")
bad("long.csv", b"1,2\n\n3,4,5\n", ":3: column 3: too long")
bad("cell.csv", b"1,,2\n", ":1: column 2: not a number")
bad("last.csv", b"1,2\n3,", ":2: column 2: not a number")
bad("quote.csv", b'"1,2\n', "quotation mark without its end")
bad("behind.csv", b'"1"2,3\n', "behind a quotation mark")
bad("exponent.csv", b"1e999999\n", ":1: column 1: not a number")
bad("binary.csv", b"1,2\n\0\n", "neither .npy, .npz, IDX nor CSV")
bad("empty.csv", b"\n \n", "an empty file")
with open("bad/reasons.txt", "w", newline="\n") as out:
    out.write("\n".join(reasons) + "\n")
