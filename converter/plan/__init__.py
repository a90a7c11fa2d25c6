"""Meaning to meaning: what every target would otherwise work out for itself, as frozen values without any text.

A plan says what a detection asks for in the terms that platforms have: numbered stages, gaps, counts, look-ups, spans
of time. Targets spell plans, the reference evaluator and the engine run them; nobody plans again.

    sequence    stages, gaps and branches of a sequence; whether one event can serve two of them
    sample      which sets of filters need how many events (Hall's theorem)
    group       thresholds: keys, counts, distinct counts; new terms: history and window
    indicator   an or of ands of comparisons with indicators, and how each value compares
    window      from, to and interval, by which time; what two runs both see
    uncarried   what a rule file says beside its query that changes which alerts there are or what they show
    credit      author and licence, said once
"""
