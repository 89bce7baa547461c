#!/usr/bin/perl
# Runs a program (User-Mode Linux) that must not see ptrace's view of the extended processor state.
#
# User-Mode Linux 6.1 keeps 2,696 bytes of it, and panics at its first process on a machine with AMX, whose state
# is 11,008 bytes long. Without that view it falls back to PTRACE_GETFPREGS, which ends at SSE. So: a seccomp filter
# under which ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, ...) fails with ENODEV. Numbers: linux/ptrace.h,
# linux/elf.h, linux/bpf_common.h, linux/seccomp.h, asm/unistd_64.h.
use strict;
use warnings;

my @filter = (
    [0x20, 0, 0, 0],                # load the system call's number
    [0x15, 0, 5, 101],              # not ptrace: allow
    [0x20, 0, 0, 16],               # load its first argument
    [0x15, 0, 3, 0x4204],           # not PTRACE_GETREGSET: allow
    [0x20, 0, 0, 32],               # load its third argument
    [0x15, 0, 1, 0x202],            # not NT_X86_XSTATE: allow
    [0x06, 0, 0, 0x00050000 | 19],  # fail with ENODEV
    [0x06, 0, 0, 0x7fff0000],       # allow
);
my $instructions = join '', map { pack 'SCCL', @$_ } @filter;
my $program = pack 'S x6 P', scalar @filter, $instructions;
syscall(157, 38, 1, 0, 0, 0) == 0 or die "prctl(PR_SET_NO_NEW_PRIVS): $!\n";
syscall(157, 22, 2, $program) == 0 or die "prctl(PR_SET_SECCOMP): $!\n";
exec @ARGV or die "$ARGV[0]: $!\n";
