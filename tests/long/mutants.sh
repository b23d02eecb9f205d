#!/bin/sh
# Every mutant is caught by the test that its first line names.
exec tests/mutants/run
