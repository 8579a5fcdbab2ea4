# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0
#
# Prints an error for each target that Package.swift lets depend on more than the table allows.
# Input: Package.swift; -v table=layers.txt. Reads the manifest as text: one `let name = …product(name: "Module"` per
# line, and targets written with `name:` and `dependencies: [ … ]`.

BEGIN {
    while ((getline line < table) > 0) {
        sub(/#.*/, "", line)
        if (split(line, half, ":") < 2) continue
        gsub(/[ \t]/, "", half[1])
        if (half[1] !~ /\//) allowed[half[1]] = " " half[2] " "
    }
}

/^let .*\.product\(name: "/ {
    split($0, quoted, "\"")
    module[$2] = quoted[2]
    next
}

/\.(target|executableTarget)\(/ { begin_target() }
/\.(testTarget|systemLibrary|plugin|macro|binaryTarget)\(/ { finish_target() }
in_target { text = text " " $0 }

END {
    finish_target()
    for (name in allowed) {
        if (!(name in seen)) report(1, "Scripts/layers.txt has a line for " name ", which is no target here")
    }
    exit failed
}

function begin_target() {
    finish_target()
    in_target = 1
    text = ""
    first = FNR
}

function finish_target(    quoted, list, parts, count, i, name) {
    if (!in_target) return
    in_target = 0
    match(text, /name: *"[^"]*"/)
    split(substr(text, RSTART, RLENGTH), quoted, "\"")
    name = quoted[2]
    seen[name] = 1
    if (text ~ /path: *"(Examples|Tests)\//) return
    if (!(name in allowed)) {
        report(first, "Scripts/layers.txt has no line for the target " name)
        return
    }
    if (!match(text, /dependencies: *\[[^]]*\]/)) return
    list = substr(text, RSTART, RLENGTH)
    sub(/^[^[]*\[/, "", list)
    sub(/\]$/, "", list)
    count = split(list, parts, ",")
    for (i = 1; i <= count; i++) check_dependency(name, parts[i])
}

function check_dependency(name, dependency) {
    if (dependency ~ /package:/) return
    sub(/^.*name:/, "", dependency)
    gsub(/[ \t"()]/, "", dependency)
    if (dependency in module) dependency = module[dependency]
    if (dependency != "" && !index(allowed[name], " " dependency " ")) {
        report(first, name " may not depend on " dependency "; Scripts/layers.txt allows:" allowed[name])
    }
}

function report(line, text) {
    print FILENAME ":" line ": error: " text | "cat 1>&2"
    failed = 1
}
