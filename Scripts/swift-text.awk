# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0
#
# What the checks need to know of Swift's text. Call open_text() at the first line of each file.

function open_text() {
    depth = 0
    in_text = 0
}

# Block comments nest in Swift. Text between triple quotes is always data.
function without_comments(line,    kept, two) {
    kept = ""
    while (line != "") {
        two = substr(line, 1, 2)
        if (depth == 0 && substr(line, 1, 3) == "\"\"\"") {
            in_text = !in_text
            line = substr(line, 4)
        } else if (in_text) {
            line = substr(line, 2)
        } else if (two == "/*") {
            depth++
            line = substr(line, 3)
        } else if (two == "*/" && depth > 0) {
            depth--
            kept = kept " "
            line = substr(line, 3)
        } else if (depth > 0) {
            line = substr(line, 2)
        } else if (two == "//") {
            return kept
        } else {
            kept = kept substr(line, 1, 1)
            line = substr(line, 2)
        }
    }
    return kept
}
