"""What to do now: the first page of each person, staff's queue, the way through the pages."""
