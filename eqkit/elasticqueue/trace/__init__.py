"""``eqkit trace``: docs and contract proved against each other."""
