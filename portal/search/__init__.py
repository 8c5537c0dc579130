"""One box for everything: lessons, questions and their answers, words, boards."""
