# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0
#
# Prints an error for each type of BrokerEngine that a file names although its folder may not.
# Input: pass=1, the files of Sources/BrokerEngine, pass=2, the same files; -v table=folders.txt and -f swift-text.awk.
# Knows a type by its declaration at the beginning of a line; what is private to a file has no other users. Names behind
# a dot are members, and text without interpolation is data.

BEGIN {
    while ((getline line < table) > 0) {
        number++
        sub(/#.*/, "", line)
        if (split(line, half, ":") < 2) continue
        gsub(/[ \t]/, "", half[1])
        if (half[1] == "shared") shared = " " half[2] " "
        else add_folder(half[1], half[2])
    }
    declaration = "^((public|package|internal|final|indirect|@[a-zA-Z]+) )*" \
        "(struct|class|enum|protocol|actor|typealias) [A-Z][A-Za-z0-9_]*"
}

FNR == 1 { open_file() }
pass == 1 { note_declaration(without_comments($0)) }
pass == 2 { check_names(without_strings(without_comments($0))) }
END { exit failed }

function add_folder(name, list,    names, count, i) {
    count = split(list, names, " ")
    for (i = 1; i <= count; i++) {
        if (!(names[i] in allowed)) {
            report(table, number, name " may not name " names[i] ", whose line does not come before")
        }
    }
    allowed[name] = " " list " "
}

function open_file(    parts) {
    open_text()
    split(FILENAME, parts, "/")
    folder = parts[3]
    if (pass == 1 && !(folder in allowed)) {
        report(FILENAME, 1, "Scripts/folders.txt has no line for the folder " folder)
        allowed[folder] = " "
    }
}

function note_declaration(line,    words, count) {
    if (!match(line, declaration)) return
    count = split(substr(line, 1, RLENGTH), words, " ")
    home[words[count]] = folder
}

function without_strings(line) {
    gsub(/"([^"\\]|\\[^(])*"/, "\"\"", line)
    return line
}

function check_names(line,    name, before) {
    while (match(line, /[A-Za-z_][A-Za-z0-9_]*/)) {
        name = substr(line, RSTART, RLENGTH)
        before = RSTART > 1 ? substr(line, RSTART - 1, 1) : ""
        line = substr(line, RSTART + RLENGTH)
        if (before != "." && name in home && !is_allowed(name)) {
            report(FILENAME, FNR, folder " may not name " name " of " home[name] "; Scripts/folders.txt allows:" allowed[folder])
        }
    }
}

function is_allowed(name) {
    return home[name] == folder || index(shared, " " name " ") || index(allowed[folder], " " home[name] " ")
}

function report(file, line, text) {
    print file ":" line ": error: " text | "cat 1>&2"
    failed = 1
}
