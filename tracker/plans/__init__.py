"""What is the council's plan, and has it been sent and published?"""
