#!/usr/bin/perl
# The first and only program of a User-Mode Linux guest: it loads the tunnel modules, then runs what the
# host asks for, one shell script at a time.
#
#   host to guest   NUMBER SECONDS hex(script)
#   guest to host   NUMBER EXIT-STATUS hex(stdout) hex(stderr)
#
# Perl, because every Debian has it and it can load a module without the package kmod. The guest's root is the
# host's file system, read-only; scratch= in the kernel's command line names the one directory it may write.
use strict;
use warnings;

$ENV{PATH} = '/usr/sbin:/usr/bin:/sbin:/bin';
my $scratch = $ENV{scratch};
my @modules = qw(ip_gre ipip sit ip6_gre ip6_tunnel);

sub run { system(@_) == 0 or die "@_: exit status $?\n" }

sub load_modules {
    chomp(my $release = `uname -r`);
    my $root = "/usr/lib/uml/modules/$release";
    open my $list, '<', "$root/modules.dep" or die "$root/modules.dep: $!\n";
    my %needs = map { /^(\S+):(.*)/ ? ($1 => [split ' ', $2]) : () } <$list>;
    my %loaded;
    for my $module (@modules) {
        my ($path) = grep { m{/\Q$module\E\.ko$} } keys %needs or die "no module $module in $root\n";
        # modules.dep lists what a module needs from the nearest to the most basic.
        for my $file (grep { !$loaded{$_}++ } reverse $path, @{$needs{$path}}) {
            open my $module_file, '<', "$root/$file" or die "$root/$file: $!\n";
            my $options = '';
            syscall(313, fileno $module_file, $options, 0) == 0    # finit_module, asm/unistd_64.h
                or die "$file: $!\n";
        }
    }
    return $release;
}

sub slurp { open my $file, '<', $_[0] or die "$_[0]: $!\n"; local $/; return scalar(<$file>) // '' }

run(qw(mount -t proc proc /proc));
run(qw(mount -t sysfs sys /sys));
run(qw(mount -t tmpfs tmp /run));
run(qw(mount -t hostfs -o), $scratch, qw(none /mnt));
my $release = load_modules();
run(qw(ip link set lo up));

run(qw(stty -F /dev/ttyS0 raw -echo));
open my $host, '+<', '/dev/ttyS0' or die "/dev/ttyS0: $!\n";
$host->autoflush(1);
print $host "ready $release\n";
while (my $line = <$host>) {
    my ($number, $seconds, $script) = split ' ', $line;
    open my $file, '>', '/run/script' or die "/run/script: $!\n";
    print $file pack 'H*', $script;
    close $file;
    my $status = system("timeout -k 1 $seconds sh /run/script </dev/null >/run/stdout 2>/run/stderr");
    my $exit = $status & 127 ? 128 + ($status & 127) : $status >> 8;
    print $host join(' ', $number, $exit, map({ 'x' . unpack 'H*', slurp($_) } '/run/stdout', '/run/stderr')), "\n";
}
# The host has closed the channel, or is gone: power off. (reboot(2), linux/reboot.h)
syscall(169, 0xfee1dead, 0x28121969, 0x4321fedc, 0);
