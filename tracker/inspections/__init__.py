"""What did the inspectors say, and when must the council answer?"""
