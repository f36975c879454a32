"""What breaks while work is in hand, on real PostgreSQL, Valkey, Celery and beat.

Afterwards nothing may be lost and nothing done twice. `make drills` runs them: a killed worker's
rows come free when its lease ends, so a drill takes longer than a minute.
"""
