import { FirstSteps } from '@/features/first-steps/first-steps';

export default FirstSteps;
