# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0
#
# Prints an error for each import that the table does not allow. Input: Swift files; -v table=layers.txt and
# -f swift-text.awk.
# Finds every spelling: access levels, attributes, `import struct`, submodules, several on a line, inside `#if`.

BEGIN {
    while ((getline line < table) > 0) {
        sub(/#.*/, "", line)
        if (split(line, half, ":") < 2) continue
        gsub(/[ \t]/, "", half[1])
        allowed[half[1]] = half[2] " "
    }
    # The language's own modules, which are always allowed.
    free["Swift"] = free["_Concurrency"] = free["_StringProcessing"] = 1
}

FNR == 1 { open_file() }
{ check_line($0) }
END { exit failed }

function open_file(    parts, count) {
    open_text()
    count = split(FILENAME, parts, "/")
    target = parts[2]
    file = parts[count]
    ruled = parts[1] == "Sources"
    if (ruled && !(target in allowed)) {
        report(1, "Scripts/layers.txt has no line for the target " target)
        ruled = 0
    }
}

function check_line(line,    statements, count, i) {
    line = without_comments(line)
    if (line !~ /import/) return
    count = split(line, statements, ";")
    for (i = 1; i <= count; i++) check_statement(statements[i])
}

function check_statement(statement,    words, testable, module) {
    testable = statement ~ /@testable/
    gsub(/@[A-Za-z_]+(\([^)]*\))?/, " ", statement)
    gsub(/`/, "", statement)
    sub(/^[ \t]+/, "", statement)
    sub(/^(public|package|internal|fileprivate|private)[ \t]+/, "", statement)
    if (statement !~ /^import[ \t]/) return
    split(statement, words, /[ \t]+/)
    module = words[2]
    if (module ~ /^(typealias|struct|class|enum|protocol|let|var|func)$/) module = words[3]
    sub(/\..*/, "", module)
    if (testable) report(FNR, "@testable is not used here: give the declaration `package` access")
    if (ruled && !is_allowed(module)) {
        report(FNR, target " may not import " module "; allowed:" names(allowed[target]))
    }
}

function is_allowed(module) {
    return module in free || index(" " allowed[target], " " module " ") \
        || index(" " allowed[target "/" file], " " module " ")
}

function names(list) {
    sub(/ +$/, "", list)
    return list
}

function report(line, text) {
    print FILENAME ":" line ": error: " text | "cat 1>&2"
    failed = 1
}
