"""What is printed of drills: the report of one, and the picture of a chance. Each is one file that needs no other."""
