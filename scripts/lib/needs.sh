# shellcheck shell=bash
# What a machine must have before Culvert can be built and shown on it; sourced by the other scripts.
#
#   need PROGRAM[:PACKAGE]...   install the Debian packages of the programs that are missing
#   need_jdk                    find or install a JDK 17 or newer and export JAVA_HOME
#
# A PROGRAM with a slash is a path (or a glob) that must exist, for what is not a command: a library, a kernel.
# Nothing missing: nothing is touched, the network least of all. Messages go to standard error.

# Where root's programs are, although a user's PATH often leaves them out.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

is_present() {
    case $1 in
        */*) compgen -G "$1" >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

install_packages() {
    if ! command -v apt-get >/dev/null; then
        echo "missing packages: $*; this is not a Debian system, install their like by hand" >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "missing packages: $*; as root: apt-get install $*" >&2
        return 1
    fi
    local log
    log=$(mktemp)
    echo "installing $*" >&2
    if { [ -n "${package_lists_are_fresh-}" ] || quiet_apt "$log" update; } &&
        package_lists_are_fresh=yes && quiet_apt "$log" -y install --no-install-recommends "$@"; then
        rm -f "$log"
        hash -r
    else
        tail -n 20 "$log" >&2
        echo "cannot install $*; the whole output is in $log" >&2
        return 1
    fi
}

# quiet_apt LOG ARGUMENT...: another apt (upgrades on a machine just booted) may hold the lock for a while.
quiet_apt() {
    local log=$1
    shift
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1
}

need() {
    local wanted program package
    local -a missing=() absent=()
    for wanted in "$@"; do
        program=${wanted%%:*}
        package=${wanted#*:}
        is_present "$program" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    install_packages "${missing[@]}" || return
    for wanted in "$@"; do
        is_present "${wanted%%:*}" || absent+=("${wanted%%:*}")
    done
    if [ ${#absent[@]} -gt 0 ]; then
        echo "still missing after the installation: ${absent[*]}" >&2
        return 1
    fi
}

# The feature release of the JDK in a directory, such as 17; nothing where there is no compiler.
jdk_release() {
    [ -x "$1/bin/javac" ] && "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
}

# The directory of an installed JDK of exactly this release, or nothing.
jdk_of_release() {
    local home
    for home in "${JAVA_HOME-}" /usr/lib/jvm/* /opt/java/* /opt/jdk*; do
        if [ -n "$home" ] && [ ! -L "$home" ] && [ "$(jdk_release "$home")" = "$1" ]; then
            echo "$home"
            return 0
        fi
    done
    return 1
}

# JAVA_HOME when the user chose one, then 17, the release that Culvert is built for, then any newer one.
need_jdk() {
    local home javac
    javac=$(command -v javac || true)
    for home in "${JAVA_HOME-}" "$(jdk_of_release 17)" "${javac:+$(dirname "$(dirname "$(readlink -f "$javac")")")}" /usr/lib/jvm/*; do
        if [ -n "$home" ] && [ "$(jdk_release "$home")" -ge 17 ] 2>/dev/null; then
            export JAVA_HOME=$home
            return 0
        fi
    done
    # default-jdk is 17 on Debian 12 and 21 on Debian 13
    install_packages default-jdk-headless || return
    JAVA_HOME=$(readlink -f /usr/lib/jvm/default-java)
    export JAVA_HOME
}
